export { connect, createPool, defaultManager, disconnectAll, getPool } from './default-manager.js';
export { ConnectionManager, type ManagerOptions, type ManagerStats } from './manager.js';
export type {
  CloseCode,
  CloseReason,
  Connection,
  ConnectionOptions,
  ConnectionState,
  ConnectionStats,
  DialFailure,
  DisconnectOptions,
  Failure,
  FailurePhase,
  Handler,
  Heartbeat,
  ManagedSocket,
  Prelude,
  PreludeContext,
  PreludeSocket,
  ReadyOptions,
  RequestStats,
  Reset,
  ResetCode,
  TlsOptions,
  TlsSource,
} from './connection/index.js';
export type {
  AcquireOptions,
  LeaseOptions,
  DiscoverySource,
  DrainOptions,
  EndpointStats,
  HandlerFactory,
  HealthReport,
  Lease,
  Pool,
  ElasticOptions,
  PickOptions,
  PickReadyOptions,
  PoolOptions,
  PoolState,
  PoolStats,
  SubsetOptions,
} from './pool/index.js';
export {
  leastLeased,
  random,
  roundRobin,
  twoChoices,
  type Balancer,
  type Candidates,
  type Choose,
  type LoadOf,
} from './balance/index.js';
export { Requests, type RequestOptions, type SendOptions } from './requests/index.js';
export { staticEndpoints, type DiscoveredEndpoint, type Discovery } from './discovery/index.js';
export {
  constant,
  exponential,
  type Backoff,
  type ConstantOptions,
  type ExponentialOptions,
} from './backoff/index.js';
export type { ChannelPayloads, GateReport, GateState } from './telemetry/index.js';
export type { Endpoint } from './primitives/endpoint.js';
export {
  ClosedError,
  ConnmanError,
  DialError,
  DiscoveryError,
  FatalError,
  HandshakeError,
  LifeEndedError,
  NoConnectionError,
  OptionError,
  PoolExistsError,
  QueueFullError,
  TimeoutError,
  type DialPhase,
  type ErrorCode,
} from './primitives/errors.js';
