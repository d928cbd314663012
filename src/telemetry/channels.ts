import { channel, type Channel } from 'node:diagnostics_channel';
import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError } from '../primitives/errors.js';
import type { CloseCode, CloseReason, DialFailure, Reset } from './events.js';

/** What every event of a connection tells. */
export interface ConnectionEvent {
  /** Which connection: as `connection.id`. */
  readonly id: number;
  /** The name of the pool it belongs to, if it does. */
  readonly pool: string | undefined;
  readonly endpoint: Endpoint;
  /** How many lives have begun. */
  readonly life: number;
}

/** What every event of a pool tells. */
export interface PoolEvent {
  /** The name of the pool. */
  readonly pool: string;
  /** How many connections it has. */
  readonly size: number;
}

/** What the events of a pool about one of its connections tell. */
export interface MemberEvent extends PoolEvent {
  /** Which connection: as `connection.id`. */
  readonly id: number;
  readonly endpoint: Endpoint;
}

/**
 * The channels of `node:diagnostics_channel` that connman publishes to, and what it publishes: frozen objects, made only
 * for a channel with a subscriber, when the change that they tell of is complete.
 */
export interface ChannelPayloads {
  /** A connection is there, and about to dial. */
  'connman:connection:create': ConnectionEvent;
  /** A dial begins. */
  'connman:connection:dial': ConnectionEvent;
  /** A dial has failed; without a `delay` no other follows. */
  'connman:connection:dial-failed': ConnectionEvent &
    Omit<DialFailure, 'delay'> & { readonly delay: number | undefined };
  /** A life begins: before the handshake. */
  'connman:connection:connected': ConnectionEvent;
  /** The handshake is done. */
  'connman:connection:ready': ConnectionEvent;
  /** The heartbeat has sent a ping. */
  'connman:connection:ping': ConnectionEvent;
  /** A life has ended. */
  'connman:connection:reset': ConnectionEvent & Reset;
  /** One of the program's own callbacks threw or rejected. */
  'connman:connection:handler-error': ConnectionEvent & { readonly error: unknown; readonly where: string };
  /** The connection begins to close. */
  'connman:connection:disconnect': ConnectionEvent & {
    readonly code: Exclude<CloseCode, 'gave-up'>;
    readonly error?: unknown;
  };
  /** The connection is closed: its last event, but for a late `handler-error`. */
  'connman:connection:close': ConnectionEvent & CloseReason;
  /** A pool is there, with no connections yet. */
  'connman:pool:create': PoolEvent;
  /** A connection was added. */
  'connman:pool:add': MemberEvent;
  /** A connection is closed and has left the pool. */
  'connman:pool:remove': MemberEvent;
  /** The pool is disconnected: its name is free, and its connections begin to close. */
  'connman:pool:disconnect': PoolEvent;
  /** All connections of a disconnected pool are closed. */
  'connman:pool:close': PoolEvent;
}

// Held here: Node.js itself holds a channel weakly.
const channels = {
  create: open('connman:connection:create'),
  dial: open('connman:connection:dial'),
  dialFailed: open('connman:connection:dial-failed'),
  connected: open('connman:connection:connected'),
  ready: open('connman:connection:ready'),
  ping: open('connman:connection:ping'),
  reset: open('connman:connection:reset'),
  handlerError: open('connman:connection:handler-error'),
  disconnect: open('connman:connection:disconnect'),
  close: open('connman:connection:close'),
  poolCreate: open('connman:pool:create'),
  poolAdd: open('connman:pool:add'),
  poolRemove: open('connman:pool:remove'),
  poolDisconnect: open('connman:pool:disconnect'),
  poolClose: open('connman:pool:close'),
};

/** A connection, as far as its events tell of it. */
export type ConnectionSource = ConnectionEvent;

/** A pool, as far as its events tell of it. */
export interface PoolSource {
  readonly name: string;
  readonly size: number;
}

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

export function publishReset(source: ConnectionSource, reset: Reset): void {
  publish(channels.reset, resetEvent, source, reset);
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

export function publishPoolCreate(source: PoolSource): void {
  publish(channels.poolCreate, poolEvent, source);
}

export function publishPoolAdd(source: PoolSource, member: ConnectionSource): void {
  publish(channels.poolAdd, memberEvent, source, member);
}

export function publishPoolRemove(source: PoolSource, member: ConnectionSource): void {
  publish(channels.poolRemove, memberEvent, source, member);
}

export function publishPoolDisconnect(source: PoolSource): void {
  publish(channels.poolDisconnect, poolEvent, source);
}

export function publishPoolClose(source: PoolSource): void {
  publish(channels.poolClose, poolEvent, source);
}

interface TypedChannel<Payload> extends Pick<Channel, 'hasSubscribers'> {
  publish(payload: Payload): void;
}

function open<Name extends keyof ChannelPayloads>(name: Name): TypedChannel<ChannelPayloads[Name]> {
  return channel(name);
}

/** Makes the payload and publishes it, if anybody listens. No rest arguments, which would be an array for every event. */
function publish<Payload, Source, A = undefined, B = undefined, C = undefined>(
  to: TypedChannel<Payload>,
  payload: (source: Source, a: A, b: B, c: C) => Payload,
  source: Source,
  a?: A,
  b?: B,
  c?: C,
): void {
  if (to.hasSubscribers) to.publish(Object.freeze(payload(source, a as A, b as B, c as C)));
}

function connectionEvent({ id, pool, endpoint, life }: ConnectionSource): ConnectionEvent {
  return { id, pool, endpoint, life };
}

function dialFailed(
  source: ConnectionSource,
  error: DialError,
  attempts: number,
  delay: number | undefined,
): ChannelPayloads['connman:connection:dial-failed'] {
  // By now the next endpoint may be that of the connection.
  const endpoint = error.endpoint as Endpoint;
  return { ...connectionEvent(source), endpoint, error, phase: error.phase, attempts, delay };
}

function resetEvent(source: ConnectionSource, reset: Reset): ChannelPayloads['connman:connection:reset'] {
  return { ...connectionEvent(source), ...reset };
}

function handlerError(
  source: ConnectionSource,
  error: unknown,
  where: string,
): ChannelPayloads['connman:connection:handler-error'] {
  return { ...connectionEvent(source), error, where };
}

function disconnectEvent(
  source: ConnectionSource,
  code: CloseCode,
  error: unknown,
): ChannelPayloads['connman:connection:disconnect'] {
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
): ChannelPayloads['connman:connection:close'] {
  const { life } = source;
  return { ...connectionEvent(source), code, ...(error !== undefined && { error }), lives: life };
}

function poolEvent({ name, size }: PoolSource): PoolEvent {
  return { pool: name, size };
}

function memberEvent({ name, size }: PoolSource, { id, endpoint }: ConnectionSource): MemberEvent {
  return { pool: name, size, id, endpoint };
}
