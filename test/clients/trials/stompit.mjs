import stompit from 'stompit';
import { called, eachLife, inLife } from './over.mjs';

const { Client } = stompit;

/** A broker with one queue and one subscriber: the one who sends. */
function serve(server) {
  server.on('connection', (socket) => {
    let rest = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      const frames = (rest + chunk).split('\0');
      rest = frames.pop();
      for (const frame of frames) {
        const [head = '', body = ''] = frame.trimStart().split('\n\n');
        if (head.startsWith('CONNECT')) socket.write('CONNECTED\nversion:1.1\n\n\0\n');
        else if (head.startsWith('SEND')) {
          const id = `subscription:1\nmessage-id:${body}\ndestination:/queue/a`;
          socket.write(`MESSAGE\n${id}\ncontent-length:${body.length}\n\n${body}\0\n`);
        }
      }
    });
  });
}

async function make(socket, connection) {
  const client = new Client(socket);
  client.on('error', (error) => connection.reset(error));
  await called((done) => client.connect({ host: '/' }, done));
  const waiting = [];
  client.subscribe({ destination: '/queue/a', ack: 'auto' }, (error, message) => {
    if (error) return;
    message.readString('utf8', (failure, body) => failure || waiting.shift()?.(body));
  });
  return { client, waiting };
}

function ask({ client, waiting }, value, connection) {
  const answer = new Promise((resolve) => waiting.push(resolve));
  client.send({ destination: '/queue/a' }).end(value);
  return inLife(connection, answer);
}

export const trial = {
  client: 'stompit',
  grade: 'C',
  hook: "`new Client(socket)`; `connection.reset(error)` in its `'error'` event",
  serve,
  over: (place, options) => eachLife(place, options, make, ask),
};
