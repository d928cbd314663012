export type { HandshakeState } from './accepted-socket.js';
export type { Answer, Fault, FinishAt } from './fault.js';
export { type FaultServer, startFaultServer } from './fault-server.js';
export type { FaultServerOptions, Script } from './fault-server-options.js';
export {
  echo,
  end,
  endAt,
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
export type { ServerConnection } from './server-connection.js';
export type { TlsScript } from './tls-layer.js';
export type { Data, Finish } from './wire.js';
