import type { DialError } from '../primitives/errors.js';
import type { Connection, ConnectionOwner } from './connection.js';
import type { Handler } from './handler.js';
import type { CounterTotals } from './stats/totals.js';

/** What the pool and the manager use of a connection, and an application cannot see. */
export interface Internals<H extends Handler = Handler> {
  /** Whether the link is up, whole, and not about to close. */
  readonly isUsable: boolean;
  /** Why the last failed dial failed. */
  readonly lastDialError: DialError | undefined;
  readonly owner: ConnectionOwner<H>;
  /** Whether it is usable and has no unread input. */
  looksClean(): boolean;
  /** Adds all counters of a closed connection to a sum. */
  addTo(sum: CounterTotals): void;
  /** Dials for the first time. The owner calls it once the connection is on its list. */
  start(): void;
  /** Ends a life that is over its `maxAge`, after what was written is sent. */
  retire(): void;
  /** As `disconnect()`, with a grace that is checked already. */
  leave(grace: number | undefined): void;
}

/** The way of the layers above to what an application cannot reach. */
export function internals<H extends Handler>(connection: Connection<H>): Internals<H> {
  return connection;
}
