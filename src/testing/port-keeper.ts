import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { resetNow } from './reset-now.js';

/** Lets a kept port go, at once. */
export type Release = () => void;

/**
 * Keeps a port while nobody listens on it, by a connection from it to elsewhere. A dial to the port is still refused;
 * but the kernel gives the port neither to a server that asks for a free one nor to a dial as its local port, which
 * could then connect to itself. Where the system does not allow this, the port is merely not kept.
 */
export async function keepPort(address: string, port: number): Promise<Release> {
  const elsewhere = createServer((socket) => socket.on('error', ignore));
  await once(elsewhere.listen(0, address), 'listening');
  const keeper = connect({ host: address, port: portOf(elsewhere), localAddress: address, localPort: port });
  keeper.on('error', ignore);
  await new Promise((resolve) => {
    elsewhere.once('connection', resolve);
    keeper.once('close', resolve);
  });
  elsewhere.close();
  return () => resetNow(keeper);
}

/** The port of a server that listens. */
export function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('BUG: the server has no port');
  return address.port;
}

function ignore(): void {}
