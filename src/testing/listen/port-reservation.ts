import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { nextPoll } from './next-poll.js';

/** A port that is kept free for the server that had it. */
export interface PortReservation {
  /** Frees the port at once; resolves once the handles of the reservation are closed too. */
  release(): Promise<void>;
}

/**
 * Reserves a port on which no server listens, by a connection from that port to a temporary server. A dial to the port
 * is still refused. The kernel does not give the port to a server that asks for a free one, nor to a dial as its local
 * port; such a dial could connect to itself. Where the system does not allow the connection, the port stays unreserved.
 */
export async function reservePort(address: string, port: number): Promise<PortReservation> {
  const target = createServer((socket) => socket.on('error', ignore));
  await once(target.listen(0, address), 'listening');
  const holder = connect({ host: address, port: portOf(target), localAddress: address, localPort: port });
  holder.on('error', ignore);
  const accepted = await new Promise<Socket | undefined>((resolve) => {
    target.once('connection', resolve);
    holder.once('close', () => resolve(undefined));
  });
  target.close();
  return {
    release() {
      holder.resetAndDestroy();
      accepted?.destroy();
      return nextPoll();
    },
  };
}

/** The port of a server that listens. */
export function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('BUG: the server has no port');
  return address.port;
}

function ignore(): void {}
