export {
  type Answer,
  echo,
  end,
  endAt,
  type Fault,
  type FinishAt,
  garbage,
  greet,
  halfOpen,
  reset,
  resetAt,
  respond,
  silent,
  slow,
  stall,
} from './server/faults.js';
export {
  type FaultServer,
  type FaultServerOptions,
  type Script,
  startFaultServer,
} from './server/fault-server.js';
export type { HandshakeState, ServerConnection } from './server/server-connection.js';
export type { FileLeft } from './listen/listen-address.js';
export type { TlsScript } from './server/tls-layer.js';
export { type BlackHole, type BlackHoleOptions, startBlackHole } from './process/black-hole.js';
export {
  type ServerProcess,
  type ServerProcessOptions,
  startServerProcess,
} from './process/server-process.js';
export type { ChildScript } from './process/child-source.js';
export type { Data, Finish } from './server/wire.js';
