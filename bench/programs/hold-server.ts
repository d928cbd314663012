// hold-server.js <port>: accepts connections and keeps them, on a port of its own choice if that is 0; sends its parent the
// port once it listens, and ends with it.
import { createServer } from 'node:net';

const backlog = 4_096;

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy()).resume();
});

server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog }, () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.(address.port);
});
process.on('disconnect', () => process.exit());
