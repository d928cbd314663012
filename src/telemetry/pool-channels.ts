import type { Endpoint } from '../primitives/endpoint.js';
import type { ConnectionSource, PoolSource } from './subjects.js';
import { open, publish, type TypedChannel } from './publish.js';

/** The members of every message about a pool. */
export interface PoolEvent {
  /** The name of the pool. */
  readonly pool: string;
  /** How many connections it has. */
  readonly size: number;
}

/** The members of every message about a connection of a pool. */
export interface MemberEvent extends PoolEvent {
  /** The connection's `id`. */
  readonly id: number;
  readonly endpoint: Endpoint;
}

/** The members of every message about a state. */
export interface StateEvent extends PoolEvent {
  readonly from: 'up' | 'degraded' | 'down';
  readonly to: 'up' | 'degraded' | 'down';
  /** What went wrong last; `undefined` if `to` is `up`. */
  readonly cause: Error | undefined;
}

/** The channels about pools, with their messages. */
export interface PoolChannelPayloads {
  /** A pool was made, and has no connections yet. */
  'connman:pool:create': PoolEvent;
  /** A connection was added. */
  'connman:pool:add': MemberEvent;
  /** A connection is closed and has left the pool. */
  'connman:pool:remove': MemberEvent;
  /** The state of a pool has changed. */
  'connman:pool:state': StateEvent;
  /** The state of a pool's connections to one endpoint has changed. */
  'connman:pool:endpoint-state': StateEvent & { readonly endpoint: Endpoint };
  /** A lease began, `waited` milliseconds after it was asked for. */
  'connman:pool:acquire': MemberEvent & { readonly waited: number };
  /** A lease was refused, `waited` milliseconds after it was asked for. */
  'connman:pool:acquire-failed': PoolEvent & { readonly error: unknown; readonly waited: number };
  /** A lease is over. `held` is its length in milliseconds; `undefined` if this channel had no subscriber when it began. */
  'connman:pool:release': MemberEvent & { readonly held: number | undefined };
  /** A lease is held for more than `leakWarning` milliseconds; `stack` says where it was taken. */
  'connman:pool:leak': MemberEvent & { readonly limit: number; readonly stack: string };
  /** A snapshot was applied: the number of its endpoints, of connections opened, and of connections that are drained. */
  'connman:pool:discover': PoolEvent & {
    readonly endpoints: number;
    readonly opened: number;
    readonly drained: number;
  };
  /** Discovery failed, or gave a wrong snapshot. The last snapshot stays in force. */
  'connman:pool:discovery-failed': PoolEvent & { readonly error: unknown };
  /** The pool is disconnected: its name is free, and its connections begin to close. */
  'connman:pool:disconnect': PoolEvent;
  /** All connections of a disconnected pool are closed. */
  'connman:pool:close': PoolEvent;
}

const channels = {
  create: channelOf('connman:pool:create'),
  add: channelOf('connman:pool:add'),
  remove: channelOf('connman:pool:remove'),
  state: channelOf('connman:pool:state'),
  endpointState: channelOf('connman:pool:endpoint-state'),
  acquire: channelOf('connman:pool:acquire'),
  acquireFailed: channelOf('connman:pool:acquire-failed'),
  release: channelOf('connman:pool:release'),
  leak: channelOf('connman:pool:leak'),
  discover: channelOf('connman:pool:discover'),
  discoveryFailed: channelOf('connman:pool:discovery-failed'),
  disconnect: channelOf('connman:pool:disconnect'),
  close: channelOf('connman:pool:close'),
};

/** What the messages need of a lease. */
export interface LeaseSource {
  readonly connection: ConnectionSource;
}

/** What the messages need of a pool's or an endpoint's health. */
export interface StateSource {
  readonly state: StateEvent['to'];
  readonly cause: Error | undefined;
}

export function publishPoolCreate(source: PoolSource): void {
  publish(channels.create, poolEvent, source);
}

export function publishPoolAdd(source: PoolSource, member: ConnectionSource): void {
  publish(channels.add, memberEvent, source, member);
}

export function publishPoolRemove(source: PoolSource, member: ConnectionSource): void {
  publish(channels.remove, memberEvent, source, member);
}

export function publishPoolState(source: PoolSource, health: StateSource, from: StateEvent['from']): void {
  publish(channels.state, stateEvent, source, health, from);
}

export function publishEndpointState(
  source: PoolSource,
  health: StateSource,
  from: StateEvent['from'],
  endpoint: Endpoint,
): void {
  publish(channels.endpointState, endpointStateEvent, source, health, from, endpoint);
}

export function publishPoolAcquire(source: PoolSource, lease: LeaseSource, waited: number): void {
  publish(channels.acquire, acquireEvent, source, lease, waited);
}

export function publishPoolAcquireFailed(source: PoolSource, error: unknown, waited: number): void {
  publish(channels.acquireFailed, acquireFailedEvent, source, error, waited);
}

/** Whether the channel for leases has a subscriber. */
export function wantsPoolAcquire(): boolean {
  return channels.acquire.hasSubscribers;
}

/** Whether the channel for releases has a subscriber. */
export function wantsPoolRelease(): boolean {
  return channels.release.hasSubscribers;
}

export function publishPoolRelease(source: PoolSource, lease: LeaseSource, held: number | undefined): void {
  publish(channels.release, releaseEvent, source, lease, held);
}

export function publishPoolLeak(
  source: PoolSource,
  member: ConnectionSource,
  limit: number,
  stack: string,
): void {
  publish(channels.leak, leakEvent, source, member, limit, stack);
}

export function publishPoolDiscover(
  source: PoolSource,
  endpoints: number,
  opened: number,
  drained: number,
): void {
  publish(channels.discover, discoverEvent, source, endpoints, opened, drained);
}

export function publishDiscoveryFailed(source: PoolSource, error: unknown): void {
  publish(channels.discoveryFailed, discoveryFailedEvent, source, error);
}

export function publishPoolDisconnect(source: PoolSource): void {
  publish(channels.disconnect, poolEvent, source);
}

export function publishPoolClose(source: PoolSource): void {
  publish(channels.close, poolEvent, source);
}

function channelOf<Name extends keyof PoolChannelPayloads>(
  name: Name,
): TypedChannel<PoolChannelPayloads[Name]> {
  return open(name);
}

type Payload<Name extends keyof PoolChannelPayloads> = PoolChannelPayloads[Name];

function poolEvent({ name, size }: PoolSource): PoolEvent {
  return { pool: name, size };
}

export function memberEvent({ name, size }: PoolSource, { id, endpoint }: ConnectionSource): MemberEvent {
  return { pool: name, size, id, endpoint };
}

function stateEvent(source: PoolSource, { state, cause }: StateSource, from: StateEvent['from']): StateEvent {
  return { ...poolEvent(source), from, to: state, cause };
}

function endpointStateEvent(
  source: PoolSource,
  health: StateSource,
  from: StateEvent['from'],
  endpoint: Endpoint,
): Payload<'connman:pool:endpoint-state'> {
  return { ...stateEvent(source, health, from), endpoint };
}

function acquireEvent(
  { name: pool, size }: PoolSource,
  { connection }: LeaseSource,
  waited: number,
): Payload<'connman:pool:acquire'> {
  const { id, endpoint } = connection;
  // Without a spread, which takes as long as a lease.
  return { pool, size, id, endpoint, waited };
}

function acquireFailedEvent(
  source: PoolSource,
  error: unknown,
  waited: number,
): Payload<'connman:pool:acquire-failed'> {
  return { ...poolEvent(source), error, waited };
}

function releaseEvent(
  { name: pool, size }: PoolSource,
  { connection }: LeaseSource,
  held: number | undefined,
): Payload<'connman:pool:release'> {
  const { id, endpoint } = connection;
  return { pool, size, id, endpoint, held };
}

function leakEvent(
  source: PoolSource,
  member: ConnectionSource,
  limit: number,
  stack: string,
): Payload<'connman:pool:leak'> {
  return { ...memberEvent(source, member), limit, stack };
}

function discoverEvent(
  source: PoolSource,
  endpoints: number,
  opened: number,
  drained: number,
): Payload<'connman:pool:discover'> {
  return { ...poolEvent(source), endpoints, opened, drained };
}

function discoveryFailedEvent(source: PoolSource, error: unknown): Payload<'connman:pool:discovery-failed'> {
  return { ...poolEvent(source), error };
}
