import type { Endpoint } from '../primitives/endpoint.js';
import type { ConnectionState } from './life-cycle.js';
import type { Shared } from './shared.js';
import type { Reset, RetireCode } from './stats/counters.js';
import type { CounterTotals } from './stats/totals.js';

/** What a change was, told once it is complete and published. */
export type OwnerEvent =
  | 'ready'
  | 'retiring'
  | 'closing'
  | 'reset'
  | 'closed'
  | 'handler-error'
  | 'write-refused';

/** Who holds a connection and is told of its changes: connman's own code, never user code. */
export interface Owner<Face> {
  /** In the middle of a change of state, before anything is published: only books may be kept, no user code may run. */
  changing(connection: Face, from: ConnectionState): void;
  /** The change is complete and published: the owner may call the application. `reset` comes with the event 'reset'. */
  changed(connection: Face, event: OwnerEvent, reset?: Reset): void;
  /**
   * Whether a life retires now; without this method, it does. An owner that says no lets it retire later, in its turn. It may not
   * refuse `disconnect`, with which the connection leaves. No user code may run: the event 'retiring' follows.
   */
  mayRetire?(connection: Face, code: RetireCode): boolean;
  /** How long a life may take to retire, in milliseconds, unless the caller says so. */
  readonly drain?: number;
  /** Whether `pick()` ever returned it: then users may remain that nothing counts. */
  readonly wasPicked?: boolean;
  /** The number of pending requests has changed by that much. Called in the middle of a change: no user code may run. */
  requestsChanged?(change: number): void;
  /** Whether a caller waits for one of its connections to be ready. */
  readonly isWanting?: boolean;
  /** Whether a lease holds it: then connman writes nothing to it. */
  readonly isLent?: boolean;
  /** Whether a lease holds one life of it: after the end of that life it does not dial before `resume()`. */
  readonly holdsDial?: boolean;
  /** A heartbeat is about to write a ping. Returns false where that would cover up what has come unasked. */
  pinging?(connection: Face): boolean;
  /** Whether discovery says where its connection dials. */
  readonly isDiscovered?: boolean;
  readonly shared: Shared;
  /** The totals of its connections to this endpoint, if it keeps them. */
  totalsFor?(endpoint: Endpoint): CounterTotals;
  /** The factory of its connections' handlers, if it has one. What one handshake meets holds for all handlers of the factory. */
  readonly handlers?: object;
  /** The name of the pool, if the owner is one. */
  readonly pool?: string;
}
