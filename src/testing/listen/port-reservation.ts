import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { nextPoll } from './next-poll.js';

/** Lets a kept port go, at once; resolves once its handles have gone too. */
export type PortReservation = () => Promise<void>;

/**
 * Keeps a port while nobody listens on it, by a connection from it to elsewhere. A dial to the port is still refused;
 * but the kernel gives the port neither to a server that asks for a free one nor to a dial as its local port, which
 * could then connect to itself. Where the system does not allow this, the port is merely not kept.
 */
export async function reservePort(address: string, port: number): Promise<PortReservation> {
  const elsewhere = createServer((socket) => socket.on('error', ignore));
  await once(elsewhere.listen(0, address), 'listening');
  const keeper = connect({ host: address, port: portOf(elsewhere), localAddress: address, localPort: port });
  keeper.on('error', ignore);
  const accepted = await new Promise<Socket | undefined>((resolve) => {
    elsewhere.once('connection', resolve);
    keeper.once('close', () => resolve(undefined));
  });
  elsewhere.close();
  return () => {
    keeper.resetAndDestroy();
    accepted?.destroy();
    return nextPoll();
  };
}

/** The port of a server that listens. */
export function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('BUG: the server has no port');
  return address.port;
}

function ignore(): void {}
