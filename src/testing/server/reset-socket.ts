import type { Socket } from 'node:net';

/**
 * Sends a RST at once; does nothing to a closed socket. `raw` is the socket beneath a TLS socket, which cannot send a
 * RST itself.
 *
 * Two kinds of sockets are destroyed instead: a Unix socket, which has no RST, and one whose FIN is not sent yet. libuv
 * refuses to reset the latter, and Node.js would never close its handle.
 */
export function resetSocket(socket: Socket, raw: Socket = socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished;
  if (isEnding || raw.localPort === undefined) socket.destroy();
  else if (!raw.destroyed) raw.resetAndDestroy();
}
