import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { eachLife, inLife } from './over.mjs';

function serve(server) {
  const http = createServer();
  const echo = new WebSocketServer({ server: http });
  echo.on('connection', (peer) =>
    peer.on('error', () => {}).on('message', (message) => peer.send(message, { binary: false })),
  );
  server.on('connection', (socket) => http.emit('connection', socket));
}

function make(socket) {
  return new Promise((resolve, reject) => {
    const peer = new WebSocket('ws://localhost/', { createConnection: () => socket });
    const waiting = [];
    peer.on('error', reject).once('open', () => resolve({ peer, waiting }));
    peer.once('close', () => reject(new Error('closed')));
    peer.on('message', (message) => waiting.shift()?.(new TextDecoder().decode(message)));
  });
}

function ask({ peer, waiting }, value, connection) {
  const answer = new Promise((resolve) => waiting.push(resolve));
  peer.send(value, () => {});
  return inLife(connection, answer);
}

export const trial = {
  client: 'ws',
  grade: 'C',
  hook: '`new WebSocket(url, { createConnection: () => socket })`',
  serve,
  over: (place, options) => eachLife(place, options, make, ask),
};
