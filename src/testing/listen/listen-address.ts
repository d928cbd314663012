import type { Server } from 'node:net';
import type { Endpoint } from '../../primitives/endpoint.js';

/** What `refuse()` leaves of a Unix socket: a file on which nobody listens, or none. */
export type FileLeft = 'stale' | 'missing';

/** Where a server listens, or refuses. Each call is awaited before the next one. */
export interface ListenAddress {
  /** What to dial. */
  readonly endpoint: Endpoint;
  /** Makes the listener listen here. */
  open(listener: Server): Promise<void>;
  /** The listener has been closed: dials are to be refused, and nobody else is to take the place. */
  keep(left: FileLeft): Promise<void>;
  /** Gives the place away. */
  free(): Promise<void>;
}
