export { Shared } from './shared.js';
export {
  Connection,
  internals,
  type ConnectionOwner,
  type Internals,
  type ReadyOptions,
} from './connection.js';
export type { OwnerEvent } from './owner.js';
export { endsForGood } from './verdict.js';
export { isUsable, looksClean } from './usable.js';
export {
  noCounters,
  type CloseCode,
  type CloseReason,
  type ConnectionStats,
  type Counters,
  type DialFailure,
  type Failure,
  type FailurePhase,
  type Reset,
  type ResetCode,
} from './stats/counters.js';
export type { DisconnectOptions, Handler, ManagedSocket } from './handler/handler.js';
export { connectionStates, type ConnectionState } from './life-cycle.js';
export {
  connectionChecks,
  disconnectChecks,
  mergeOptions,
  resolveOptions,
  type ResolvedOptions,
} from './options/options.js';
export type { ConnectionOptions } from './options/connection-options.js';
export { CounterTotals } from './stats/totals.js';
export type { TlsOptions } from './tls/options.js';
export type { Heartbeat } from './liveness/heartbeat.js';
