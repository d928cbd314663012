import type { Gates } from '../../gate/index.js';
import type { DialError } from '../../primitives/errors.js';
import type { ConnectionSource } from '../../telemetry/index.js';
import type { HandlerOwner } from '../handler/call-handler.js';
import type { ConnectionState, Trigger } from '../life-cycle.js';
import type { ResolvedOptions } from '../options/options.js';
import type { Owner } from '../owner.js';
import type { Link } from '../socket/link.js';
import type { ConnectionRecord } from '../stats/record.js';
import type { Stop } from './stop.js';

/** The connection, as far as its dialer needs it. */
export interface DialerHost extends HandlerOwner, ConnectionSource {
  readonly options: ResolvedOptions;
  readonly record: ConnectionRecord;
  readonly link: Link;
  readonly state: ConnectionState;
  /** Whether a caller waits for it, or one like it, to be ready. */
  readonly isWanted: boolean;
  readonly owner: Pick<Owner<never>, 'handlers' | 'holdsDial' | 'totalsFor'> & {
    readonly isDiscovered?: boolean;
    readonly shared: { readonly gates: Gates };
  };
  readonly presentLife: object | undefined;
  move(trigger: Trigger, reason?: string | DialError): boolean;
  setDeadline(delay: number, act: () => void): void;
  /** Whether the socket will still emit 'close'. */
  isSocketOpen: boolean;
  /** No dial may follow. `failure` is the dial of its own that failed last. */
  stopped(stop: Stop, failure?: DialError): void;
}
