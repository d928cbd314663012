import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { LastingWebSocket } from '../../../examples/clients/ws.ts';
import { inLife, over } from './over.mjs';

/** Echoes to everybody, but for who comes to another path. */
export function serve(server) {
  const http = createServer();
  const echo = new WebSocketServer({
    server: http,
    verifyClient: ({ req }, answer) => answer(req.url === '/', 401),
  });
  echo.on('connection', (peer) =>
    peer.on('error', () => {}).on('message', (message) => peer.send(message, { binary: false })),
  );
  server.on('connection', (socket) => http.emit('connection', socket));
}

export const trial = {
  client: 'ws',
  grade: 'C',
  hook: '`new WebSocket(url, { createConnection: () => socket })`: [`ws.ts`](../examples/clients/ws.ts)',
  isExample: true,
  serve,
  over(place, options) {
    // Answers come in order; those of a life end with it.
    let [waiting, life] = [[], 0];
    const handler = new LastingWebSocket('ws://localhost/', (data) =>
      waiting.shift()?.(new TextDecoder().decode(data)),
    );
    return over(place, options, handler, (value, connection) => {
      if (life !== connection.life) [waiting, life] = [[], connection.life];
      const answer = new Promise((resolve) => waiting.push(resolve));
      handler.peer.send(value);
      return inLife(connection, answer);
    });
  },
};
