import type { Socket } from 'node:net';

/**
 * Closes with a RST and nothing but a RST, at once; does nothing to a socket that is closed. A socket whose FIN is on
 * its way cannot be reset any more: it is closed.
 *
 * `socket.resetAndDestroy()` does not do: it ends the socket first. So a FIN precedes the RST, which the peer may take
 * for a clean end, and with a peer that does not read the RST waits for ever behind the bytes still to be sent. Its
 * last step alone, which is this, does.
 */
export function resetNow(socket: Socket): void {
  if (socket.destroyed) return;
  // libuv refuses to reset a handle that is shutting down, and Node.js would then leave it open for ever.
  const isShuttingDown = socket.writableEnded && !socket.writableFinished;
  if (!isShuttingDown) Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}
