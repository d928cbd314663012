export type { ChannelPayloads } from './channels.js';
export {
  publishClose,
  publishConnected,
  publishCreate,
  publishDial,
  publishDialFailed,
  publishDisconnect,
  publishHandlerError,
  publishPing,
  publishReady,
  publishRequestsLost,
  publishReset,
  publishRetire,
  publishWriteRefused,
} from './connection-channels.js';
export { publishGateState, wantsGateState } from './gate-channel.js';
export type { ConnectionSource, GateReport, GateSource, GateState, PoolSource } from './subjects.js';
export {
  describeEndpoint,
  inspectConnection,
  inspectLease,
  inspectPool,
  type InspectedConnection,
} from './describe.js';
export {
  resetCodes,
  type CloseCode,
  type CloseReason,
  type ConnectionState,
  type DialFailure,
  type Failure,
  type FailurePhase,
  type Reset,
  type ResetCode,
  type RetireCode,
} from './events.js';
export { publishLeaseForfeit, publishLeaseInterrupt } from './lease-channels.js';
export {
  publishDiscoveryFailed,
  publishEndpointState,
  publishPoolAcquire,
  publishPoolAcquireFailed,
  publishPoolAdd,
  publishPoolClose,
  publishPoolCreate,
  publishPoolDisconnect,
  publishPoolDiscover,
  publishPoolLeak,
  publishPoolRelease,
  publishPoolRemove,
  publishPoolState,
  wantsPoolAcquire,
  wantsPoolRelease,
} from './pool-channels.js';
export { isFrom, rememberInside } from './sources.js';
export { traceMove, traceRefusedWrite, traceRetire } from './trace.js';
