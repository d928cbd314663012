// The other side of every measurement, in a process of its own: tells its parent its ports, then serves until it ends.
import { createServer, type Socket } from 'node:net';
import { bulkSize } from './workloads.js';

const backlog = 4_096;
const bulk = Buffer.alloc(bulkSize, 1);
const answer = Buffer.alloc(1, 1);

function echo(socket: Socket): void {
  socket.on('data', (chunk) => socket.write(chunk));
}

/** A bulk message for each byte. */
function source(socket: Socket): void {
  socket.on('data', ({ length }) => {
    for (let request = 0; request < length; request += 1) socket.write(bulk);
  });
}

/** A byte for each bulk message. */
function sink(socket: Socket): void {
  let received = 0;
  socket.on('data', ({ length }) => {
    received += length;
    for (; received >= bulkSize; received -= bulkSize) socket.write(answer);
  });
}

const everybody = new Set<Socket>();

/** A byte for everybody, for each byte of anybody; and one as a welcome, which says that this one is among them. */
function broadcast(socket: Socket): void {
  everybody.add(socket);
  socket.write(answer);
  socket.on('close', () => everybody.delete(socket));
  socket.on('data', ({ length }) => {
    const bytes = Buffer.alloc(length, 1);
    for (const each of everybody) each.write(bytes);
  });
}

let accepted = 0;
let open = 0;

/** Keeps a connection open and counts it. */
function hold(socket: Socket): void {
  accepted += 1;
  open += 1;
  socket.on('close', () => (open -= 1)).resume();
}

/** Tells how many connections are held, and how many ever were. */
function census(socket: Socket): void {
  socket.end(`${open} open, ${accepted} accepted`);
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
  const ports = {
    echo: await listen(echo),
    source: await listen(source),
    sink: await listen(sink),
    broadcast: await listen(broadcast),
    hold: await listen(hold),
    census: await listen(census),
  };
  process.on('disconnect', () => process.exit());
  process.send?.(ports);
}

void main();
