import type { Server } from 'node:net';
import type { Endpoint } from '../../primitives/endpoint.js';

/**
 * The file that `refuse()` leaves at the path of a Unix socket: `'stale'` is a socket file without a listener (a dial
 * fails with `ECONNREFUSED`), `'missing'` is no file (a dial fails with `ENOENT`).
 */
export type FileLeft = 'stale' | 'missing';

/** A port or a path. The caller awaits each call before the next one. */
export interface ListenAddress {
  /** The endpoint to dial. */
  readonly endpoint: Endpoint;
  /** Makes the server listen on the address; releases the reservation, if there is one. */
  listen(server: Server): Promise<void>;
  /** Reserves the address without a server: dials are refused, and no other server can take the port. */
  reserve(left: FileLeft): Promise<void>;
  /** Ends the reservation; another server can take the address. */
  release(): Promise<void>;
}
