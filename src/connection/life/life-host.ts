import type { Endpoint } from '../../primitives/endpoint.js';
import type { HandlerOwner } from '../handler/call-handler.js';
import type { Connection, ManagedSocket } from '../handler/connection.js';
import type { ConnectionState } from '../life-cycle.js';
import type { ResolvedOptions } from '../options/options.js';
import type { Shared } from '../shared.js';
import type { Link } from '../socket/link.js';
import type { ConnectionRecord } from '../stats/record.js';

/** The connection, as far as a life needs it. */
export interface LifeHost extends HandlerOwner {
  readonly endpoint: Endpoint;
  readonly options: ResolvedOptions;
  readonly socket: ManagedSocket;
  readonly state: ConnectionState;
  readonly owner: {
    readonly shared: Shared;
    readonly isLent?: boolean;
    pinging?(connection: Connection): boolean;
  };
  readonly link: Link;
  readonly record: ConnectionRecord;
  setDeadline(delay: number, act: () => void): void;
  /** The present life is over its `maxAge`. */
  tooOld(): void;
  /** The handshake is done: the connection is ready, unless it is closing. */
  handshakeDone(life: { watch(): void }): void;
  /** A `disconnect()` that has begun, with its cause. */
  readonly closing: { error: unknown } | undefined;
  pinged(): void;
}
