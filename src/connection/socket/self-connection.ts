import type { Socket } from 'node:net';

/**
 * The error of a socket that is connected to itself. TCP allows that when the dialled `port` is one that the system gives to
 * local ends and nothing listens there. Asks for the peer's address only where the ports are equal.
 */
export function selfConnection(socket: Socket, port: number | undefined): Error | undefined {
  const { localPort } = socket;
  forgetLocalAddress(socket);
  if (localPort === undefined || localPort !== port) return undefined;
  if (localPort !== socket.remotePort || socket.localAddress !== socket.remoteAddress) return undefined;
  const where = `${socket.localAddress}:${localPort}`;
  return Object.assign(
    new Error(`connect ECONNREFUSED ${where}: nothing listens there but this socket itself`),
    {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    },
  );
}

/** Node.js caches the answer while the link is up, about 90 bytes for each connection. Without it, it asks the system again. */
function forgetLocalAddress(socket: Socket & { _sockname?: unknown }): void {
  if (socket._sockname) socket._sockname = undefined;
}
