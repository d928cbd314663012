export { Commons } from './shared.js';
export { Connection, type ConnectionOwner, type OwnerEvent, type ReadyOptions } from './connection.js';
export {
  noCounters,
  type CloseCode,
  type CloseReason,
  type ConnectionStats,
  type Counters,
  type DialFailure,
  type Reset,
  type ResetCode,
} from './stats/counters.js';
export type { DisconnectOptions, Handler, ManagedSocket } from './handler.js';
export { internals, type Internals } from './internals.js';
export { connectionStates, type ConnectionState } from './life-cycle.js';
export {
  connectionChecks,
  disconnectChecks,
  readGrace,
  mergeOptions,
  resolveOptions,
  type ResolvedOptions,
} from './options/options.js';
export type { ConnectionOptions } from './options/connection-options.js';
export { Tally } from './stats/totals.js';
export type { TlsOptions } from './tls/options.js';
export type { Heartbeat } from './liveness/heartbeat.js';
