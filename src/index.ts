export { connect, ConnectionManager, createPool, disconnectAll, getPool } from './manager.js';
export type {
  CloseCode,
  CloseReason,
  Connection,
  ConnectionOptions,
  ConnectionState,
  ConnectionStats,
  DialFailure,
  DisconnectOptions,
  Handler,
  Heartbeat,
  ManagedSocket,
  ReadyOptions,
  Reset,
  ResetCode,
  TlsOptions,
} from './connection/index.js';
export type { HandlerFactory, Pool, PoolOptions, PoolStats } from './pool/index.js';
export {
  constant,
  exponential,
  type Backoff,
  type ConstantOptions,
  type ExponentialOptions,
} from './backoff/index.js';
export type { ChannelPayloads } from './telemetry/index.js';
export type { Endpoint } from './primitives/endpoint.js';
export {
  ClosedError,
  ConnmanError,
  DialError,
  HandshakeError,
  OptionError,
  PoolExistsError,
  TimeoutError,
  type DialPhase,
  type ErrorCode,
} from './primitives/errors.js';
