// The other side of every measurement, in a process of its own: tells its parent its ports, then serves until it ends.
import { createServer, type Socket } from 'node:net';
import { bulkSize } from './workloads.js';

const backlog = 4_096;
const bulk = Buffer.alloc(bulkSize, 1);

function echo(socket: Socket): void {
  socket.on('data', (chunk) => socket.write(chunk));
}

function source(socket: Socket): void {
  const send = (): void => {
    while (socket.write(bulk));
  };
  socket.on('drain', send);
  send();
}

function sink(socket: Socket): void {
  socket.resume();
}

function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    // A client that is done exits without a farewell.
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog }, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
}

async function main(): Promise<void> {
  const ports = { echo: await listen(echo), source: await listen(source), sink: await listen(sink) };
  process.on('disconnect', () => process.exit());
  process.send?.(ports);
}

void main();
