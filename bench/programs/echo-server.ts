// echo-server.js <path or nothing> <TLS identity as JSON, or nothing>: listens, tells its parent where, and sends back what it
// gets; on a connection that begins with a zero, it only says a byte for each bulk message.
import { createServer, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { bulkSize } from './workloads.js';

const [path, identity] = process.argv.slice(2);
const answer = Buffer.alloc(1, 1);

function serve(socket: Socket): void {
  let isSink: boolean | undefined;
  let received = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    isSink ??= chunk[0] === 0;
    if (!isSink) {
      socket.write(chunk);
      return;
    }
    received += chunk.length;
    for (; received >= bulkSize; received -= bulkSize) socket.write(answer);
  });
}

const settings = { noDelay: true };
const server = identity
  ? createSecureServer({ ...settings, ...(JSON.parse(identity) as object) }, serve)
  : createServer(settings, serve);
server.listen(path ? { path } : { port: 0, host: '127.0.0.1' }, () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address !== null ? String(address.port) : address);
});
process.on('disconnect', () => process.exit());
