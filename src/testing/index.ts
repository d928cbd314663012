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
} from './faults.js';
export { type FaultServer, type FaultServerOptions, type Script, startFaultServer } from './fault-server.js';
export type { HandshakeState, ServerConnection } from './server-connection.js';
export type { FileLeft } from './place.js';
export type { TlsScript } from './tls-layer.js';
export { type BlackHole, type BlackHoleOptions, startBlackHole } from './black-hole.js';
export { type ServerProcess, type ServerProcessOptions, startServerProcess } from './server-process.js';
export type { ChildScript } from './child-source.js';
export type { Data, Finish } from './wire.js';
