import type { Socket } from 'node:net';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import type { Check } from '../../primitives/checks.js';
import { OptionError } from '../../primitives/errors.js';

/** Returns the options of `tls.createServer()` for TLS connection number n, or `undefined` for a plain connection. */
export type TlsScript = (connection: number) => TlsOptions | undefined;

/** Called once at the end of a handshake, with an error if it has failed. */
export type HandshakeEnd = (tls: TLSSocket, error?: NodeJS.ErrnoException) => void;

export const tlsOptions: Check = (name, value) => {
  if (typeof value === 'function') return;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new OptionError(name, 'options of tls.createServer() or a function', value);
};

/**
 * Starts the server's side of a TLS handshake on a socket that was just accepted. The TLS socket is paused. Each
 * connection gets a server of its own, so that it can have its own options; that costs less than the handshake.
 */
export function acceptTls(raw: Socket, options: TlsOptions, onHandshakeEnd: HandshakeEnd): void {
  // A FIN during the handshake ends it: a half-open socket would wait for ever.
  raw.allowHalfOpen = false;
  const server = createServer({ ...options, pauseOnConnect: true });
  server.once('secureConnection', (tls) => {
    tls.allowHalfOpen = true;
    onHandshakeEnd(tls);
  });
  server.once('tlsClientError', (error, tls) => {
    // After a handshake timeout Node.js leaves the socket open.
    tls.destroy();
    onHandshakeEnd(tls, error);
  });
  server.emit('connection', raw);
}
