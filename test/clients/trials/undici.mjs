import { createServer } from 'node:http';
import { connect } from 'connman';
import { Client } from 'undici';
import { soon } from '../expectations.ts';

/** Answers each request with its path. */
export function serve(server) {
  const http = createServer((request, response) => response.end(request.url?.slice(1)));
  http.on('clientError', (_, socket) => socket.destroy());
  server.on('connection', (socket) => http.emit('connection', socket));
}

function over({ port, host }, options) {
  const connection = connect(port, host, { onConnect() {} }, { ...soon, listeners: 'life', ...options });
  const client = new Client(`http://${host}:${port}`, {
    connect: (_, done) => {
      connection.ready().then(
        (socket) => setImmediate(() => done(null, socket)),
        (error) => setImmediate(() => done(error, null)),
      );
    },
  });
  return {
    connection,
    ready: () => connection.ready(),
    async ask(value) {
      const { body } = await client.request({ path: `/${value}`, method: 'GET' });
      return body.text();
    },
    close: () => client.destroy(),
  };
}

export const trial = {
  client: 'undici',
  grade: 'B',
  hook: '`new Client(url, { connect })` calls back, asynchronously, with the socket of `connection.ready()`',
  serve,
  over,
};
