import type { Socket } from 'node:net';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import type { Check } from '../../primitives/checks.js';
import { OptionError } from '../../primitives/errors.js';

/** Says what TLS connection number n speaks: options of `tls.createServer()`, or none for a plain one. */
export type TlsScript = (connection: number) => TlsOptions | undefined;

/** ChildReport once, at the end of a handshake; with an error if it has failed. */
export type HandshakeEnd = (tls: TLSSocket, error?: NodeJS.ErrnoException) => void;

export const tlsOptions: Check = (name, value) => {
  if (typeof value === 'function') return;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new OptionError(name, 'options of tls.createServer() or a function', value);
};

/**
 * Begins the server's side of a TLS handshake on a connection that was just accepted. The TLS socket comes paused. A
 * server for each connection, so that each can have options of its own: it costs less than the handshake.
 */
export function acceptTls(raw: Socket, options: TlsOptions, shaken: HandshakeEnd): void {
  // A FIN in the handshake is its end: a half-open one would wait for ever.
  raw.allowHalfOpen = false;
  const server = createServer({ ...options, pauseOnConnect: true });
  server.once('secureConnection', (tls) => {
    tls.allowHalfOpen = true;
    shaken(tls);
  });
  server.once('tlsClientError', (error, tls) => {
    // Node.js itself leaves the socket open after a handshake that took too long.
    tls.destroy();
    shaken(tls, error);
  });
  server.emit('connection', raw);
}
