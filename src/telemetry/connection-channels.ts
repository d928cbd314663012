import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError } from '../primitives/errors.js';
import type { CloseCode, CloseReason, DialFailure, Reset, RetireCode } from './events.js';
import { open, publish, type TypedChannel } from './publish.js';
import type { ConnectionEvent, ConnectionSource } from './subjects.js';
import { traceReset, traceRetry } from './trace.js';

/** The channels about connections, with their messages. */
export interface ConnectionChannelPayloads {
  /** A connection was made, and will dial. */
  'connman:connection:create': ConnectionEvent;
  /** A dial begins. */
  'connman:connection:dial': ConnectionEvent;
  /** A dial has failed. `delay` is `undefined` if no other dial follows. */
  'connman:connection:dial-failed': ConnectionEvent &
    Omit<DialFailure, 'delay'> & { readonly delay: number | undefined };
  /** A life begins: before the handshake. */
  'connman:connection:connected': ConnectionEvent;
  /** The handshake is done. */
  'connman:connection:ready': ConnectionEvent;
  /** The heartbeat has sent a ping. */
  'connman:connection:ping': ConnectionEvent;
  /** A life begins to retire: it ends once nothing is under way. `error` is the reason that was given. */
  'connman:connection:retire': ConnectionEvent & { readonly code: RetireCode; readonly error?: Error };
  /** A life has ended. */
  'connman:connection:reset': ConnectionEvent & Reset;
  /** A write was refused, for the first time since the last life began: nothing was sent. */
  'connman:connection:write-refused': ConnectionEvent;
  /** A life has ended before the answers to `lost` requests of a `Requests`. */
  'connman:connection:requests-lost': ConnectionEvent & { readonly lost: number };
  /** One of your callbacks threw or rejected. */
  'connman:connection:handler-error': ConnectionEvent & { readonly error: unknown; readonly where: string };
  /** The connection begins to close. */
  'connman:connection:disconnect': ConnectionEvent & {
    readonly code: Exclude<CloseCode, 'gave-up' | 'fatal'>;
    readonly error?: unknown;
  };
  /** The connection is closed. Only a late `handler-error` may follow. */
  'connman:connection:close': ConnectionEvent & CloseReason;
}

const channels = {
  create: channelOf('connman:connection:create'),
  dial: channelOf('connman:connection:dial'),
  dialFailed: channelOf('connman:connection:dial-failed'),
  connected: channelOf('connman:connection:connected'),
  ready: channelOf('connman:connection:ready'),
  ping: channelOf('connman:connection:ping'),
  retire: channelOf('connman:connection:retire'),
  reset: channelOf('connman:connection:reset'),
  writeRefused: channelOf('connman:connection:write-refused'),
  requestsLost: channelOf('connman:connection:requests-lost'),
  handlerError: channelOf('connman:connection:handler-error'),
  disconnect: channelOf('connman:connection:disconnect'),
  close: channelOf('connman:connection:close'),
};

export function publishCreate(source: ConnectionSource): void {
  publish(channels.create, connectionEvent, source);
}

export function publishDial(source: ConnectionSource): void {
  publish(channels.dial, connectionEvent, source);
}

export function publishDialFailed(
  source: ConnectionSource,
  error: DialError,
  attempts: number,
  delay?: number,
): void {
  traceRetry(source, attempts, delay);
  publish(channels.dialFailed, dialFailed, source, error, attempts, delay);
}

export function publishConnected(source: ConnectionSource): void {
  publish(channels.connected, connectionEvent, source);
}

export function publishReady(source: ConnectionSource): void {
  publish(channels.ready, connectionEvent, source);
}

export function publishPing(source: ConnectionSource): void {
  publish(channels.ping, connectionEvent, source);
}

export function publishRetire(source: ConnectionSource, code: RetireCode, error: Error | undefined): void {
  publish(channels.retire, retireEvent, source, code, error);
}

export function publishReset(source: ConnectionSource, reset: Reset): void {
  traceReset(source, reset);
  publish(channels.reset, resetEvent, source, reset);
}

export function publishWriteRefused(source: ConnectionSource): void {
  publish(channels.writeRefused, connectionEvent, source);
}

export function publishRequestsLost(source: ConnectionSource, reset: Reset, lost: number): void {
  publish(channels.requestsLost, requestsLost, source, reset, lost);
}

export function publishHandlerError(source: ConnectionSource, error: unknown, where: string): void {
  publish(channels.handlerError, handlerError, source, error, where);
}

export function publishDisconnect(source: ConnectionSource, code: CloseCode, error: unknown): void {
  publish(channels.disconnect, disconnectEvent, source, code, error);
}

export function publishClose(source: ConnectionSource, code: CloseCode, error: unknown): void {
  publish(channels.close, closeEvent, source, code, error);
}

function connectionEvent({ id, pool, endpoint, life }: ConnectionSource): ConnectionEvent {
  return { id, pool, endpoint, life };
}

function dialFailed(
  source: ConnectionSource,
  error: DialError,
  attempts: number,
  delay: number | undefined,
): ConnectionChannelPayloads['connman:connection:dial-failed'] {
  // The connection's endpoint may be the next one already.
  const endpoint = error.endpoint as Endpoint;
  return { ...connectionEvent(source), endpoint, error, phase: error.phase, attempts, delay };
}

function retireEvent(
  source: ConnectionSource,
  code: RetireCode,
  error: Error | undefined,
): ConnectionChannelPayloads['connman:connection:retire'] {
  return { ...connectionEvent(source), code, ...(error && { error }) };
}

function resetEvent(
  source: ConnectionSource,
  reset: Reset,
): ConnectionChannelPayloads['connman:connection:reset'] {
  return { ...connectionEvent(source), ...reset };
}

function requestsLost(
  source: ConnectionSource,
  { endpoint }: Reset,
  lost: number,
): ConnectionChannelPayloads['connman:connection:requests-lost'] {
  return { ...connectionEvent(source), endpoint, lost };
}

function handlerError(
  source: ConnectionSource,
  error: unknown,
  where: string,
): ConnectionChannelPayloads['connman:connection:handler-error'] {
  return { ...connectionEvent(source), error, where };
}

function disconnectEvent(
  source: ConnectionSource,
  code: CloseCode,
  error: unknown,
): ConnectionChannelPayloads['connman:connection:disconnect'] {
  return {
    ...connectionEvent(source),
    code: code as 'disconnect',
    ...(error !== undefined && { error }),
  };
}

function closeEvent(
  source: ConnectionSource,
  code: CloseCode,
  error: unknown,
): ConnectionChannelPayloads['connman:connection:close'] {
  const { life } = source;
  return { ...connectionEvent(source), code, ...(error !== undefined && { error }), lives: life };
}

function channelOf<Name extends keyof ConnectionChannelPayloads>(
  name: Name,
): TypedChannel<ConnectionChannelPayloads[Name]> {
  return open(name);
}
