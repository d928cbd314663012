import type { Socket } from 'node:net';

/**
 * Sends a RST at once; does nothing to a socket that is closed. One whose FIN is on its way is closed without: libuv
 * refuses to reset it, and Node.js would then leave its handle open for ever.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}
