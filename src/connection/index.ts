export { Commons } from './commons.js';
export { Connection, type ConnectionOwner, type ReadyOptions } from './connection.js';
export {
  noCounters,
  type CloseCode,
  type CloseReason,
  type ConnectionStats,
  type Counters,
  type DialFailure,
  type Reset,
  type ResetCode,
} from './events.js';
export type { DisconnectOptions, Handler, ManagedSocket } from './handler.js';
export { connectionStates, type ConnectionState } from './life-cycle.js';
export {
  connectionChecks,
  disconnectChecks,
  readGrace,
  mergeOptions,
  resolveOptions,
  type ResolvedOptions,
} from './options.js';
export type { ConnectionOptions } from './connection-options.js';
export { Tally } from './tally.js';
export type { TlsOptions } from './tls/options.js';
export type { Heartbeat } from './watch.js';
