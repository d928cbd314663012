import type { Socket } from 'node:net';

/**
 * Sends a RST at once; does nothing to a socket that is closed. A Unix socket has no RST: it is destroyed. So is one
 * whose FIN is on its way: libuv refuses to reset it, and Node.js would then leave its handle open for ever. `raw` is
 * the connection beneath a TLS socket, which itself knows no RST.
 */
export function resetSocket(socket: Socket, raw: Socket = socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished;
  if (isEnding || raw.localPort === undefined) socket.destroy();
  else if (!raw.destroyed) raw.resetAndDestroy();
}
