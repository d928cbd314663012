import type { TLSSocket } from 'node:tls';

/**
 * Tells of the server's OCSP response once the life has begun. Node.js emits `'OCSPResponse'` in the midst of the handshake, when
 * the application does not have the socket yet. Who listens by then is not told twice.
 */
export function retellOcsp(socket: TLSSocket): void {
  let kept: { readonly response: unknown } | undefined;
  const keep = (response: unknown): void => {
    // One that listens once is still there: Node.js removes it as it calls it.
    if (socket.listenerCount('OCSPResponse') === 0) kept = { response };
  };
  socket.once('OCSPResponse', keep);
  socket.once('secureConnect', () => {
    socket.removeListener('OCSPResponse', keep);
    process.nextTick(() => {
      if (kept && !socket.destroyed) socket.emit('OCSPResponse', kept.response);
    });
  });
}
