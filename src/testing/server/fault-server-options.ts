import type { TlsOptions } from 'node:tls';
import { callable, type Check, filledString, integerFrom, socketPath } from '../../primitives/checks.js';
import type { Fault } from './fault.js';
import { tlsOptions, type TlsScript } from './tls-layer.js';

/** Returns the faults of connection number n (from 1, in order of acceptance). Called once per connection. */
export type Script = (connection: number) => Fault | readonly Fault[];

/** Options of {@link startFaultServer}. */
export interface FaultServerOptions {
  /** The address to listen on. Default: '127.0.0.1'. */
  readonly host?: string;
  /** The port to listen on. Default: 0, which takes a free one. */
  readonly port?: number;
  /**
   * The path of a Unix socket (on Windows, of a named pipe) to listen on, instead of host and port. If a file exists
   * there, listening fails with `EADDRINUSE`. The server removes its own file when it closes.
   */
  readonly path?: string;
  /**
   * Options of `tls.createServer()`; every connection speaks TLS then. A function is called for each connection at accept,
   * and returns the options of that one, or `undefined` for a plain connection. By default `ticketKeys` are the same for
   * all connections, so that sessions can be resumed. Default: plain connections.
   */
  readonly tls?: TlsOptions | TlsScript;
  /** The faults of each connection. Default: `echo()` for every connection. */
  readonly script?: Script;
  /** The number of bytes kept from the start of each connection, for a test to look at. Default: 1 MiB. */
  readonly keepBytes?: number;
}

/** The check of each option. */
export const optionChecks: Readonly<Record<keyof FaultServerOptions, Check>> = {
  host: filledString,
  port: integerFrom(0, 65_535),
  path: socketPath,
  tls: tlsOptions,
  script: callable,
  keepBytes: integerFrom(0, 2 ** 30),
};
