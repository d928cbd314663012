export {
  publishClose,
  publishConnected,
  publishCreate,
  publishDial,
  publishDialFailed,
  publishDisconnect,
  publishHandlerError,
  publishPing,
  publishPoolAdd,
  publishPoolClose,
  publishPoolCreate,
  publishPoolDisconnect,
  publishPoolRemove,
  publishReady,
  publishReset,
  type ChannelPayloads,
  type ConnectionSource,
} from './channels.js';
export { inspectConnection, inspectPool } from './describe.js';
export {
  resetCodes,
  type CloseCode,
  type CloseReason,
  type DialFailure,
  type Reset,
  type ResetCode,
} from './events.js';
export { traceMove } from './trace.js';
