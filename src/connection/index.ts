export { Shared } from './shared.js';
export { createConnection, internals, type ConnectionOwner, type Internals } from './create-connection.js';
export { attachRequests, notConnected, requestsOf } from './life/attached-requests.js';
export type { OwnerEvent } from './owner.js';
export { endsForGood } from './dial/stop.js';
export { leaseOver, retireInTurn } from './life/retire.js';
export { isUsable, looksClean } from './usable.js';
export { lifeEndedBy } from './handler/life-signal.js';
export { reportError } from './handler/call-handler.js';
export {
  type CloseCode,
  type CloseReason,
  type ConnectionStats,
  type DialFailure,
  type Failure,
  type FailurePhase,
  type RequestStats,
  type Reset,
  type ResetCode,
  type RetireCode,
} from './stats/counters.js';
export {
  Connection,
  type DisconnectOptions,
  type Handler,
  type ManagedSocket,
} from './handler/connection.js';
export type { ReadyOptions, ResetOptions } from './handler/call-options.js';
export { connectionStates, type ConnectionState } from './life-cycle.js';
export {
  connectionChecks,
  disconnectChecks,
  mergeOptions,
  resolveOptions,
  type ResolvedOptions,
} from './options/options.js';
export { adviceOnOption } from './options/advice.js';
export type { ConnectionOptions } from './options/connection-options.js';
export { CounterTotals, type SharedCounters, type Traffic } from './stats/totals.js';
export { EndpointTotals } from './stats/endpoint-totals.js';
export { loneStats, type LoneEndpointStats, type LoneStats } from './stats/lone-stats.js';
export { addTraffic, type LiveTraffic } from './stats/traffic.js';
export type { Prelude, PreludeContext, PreludeSocket } from './socket/prelude-socket.js';
export type { TlsSource } from './tls/asked.js';
export type { TlsOptions } from './tls/options.js';
export type { MaxAge } from './liveness/max-age.js';
export type { Heartbeat } from './liveness/heartbeat.js';
