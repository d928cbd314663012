import type { Endpoint } from '../primitives/endpoint.js';
import type { ConnectionSource } from './connection-channels.js';
import { open, publish, type TypedChannel } from './publish.js';

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

/** What the events about the state of something tell. */
export interface StateEvent extends PoolEvent {
  readonly from: 'up' | 'degraded' | 'down';
  readonly to: 'up' | 'degraded' | 'down';
  /** What went wrong last, unless it is up. */
  readonly cause: Error | undefined;
}

/** The channels that tell of pools, and what is published to them. */
export interface PoolChannelPayloads {
  /** A pool is there, with no connections yet. */
  'connman:pool:create': PoolEvent;
  /** A connection was added. */
  'connman:pool:add': MemberEvent;
  /** A connection is closed and has left the pool. */
  'connman:pool:remove': MemberEvent;
  /** A pool is up, degraded or down, and was not before. */
  'connman:pool:state': StateEvent;
  /** The connections of a pool to one endpoint are up, degraded or down, and were not before. */
  'connman:pool:endpoint-state': StateEvent & { readonly endpoint: Endpoint };
  /** A connection was lent, after a wait of so many milliseconds. */
  'connman:pool:acquire': MemberEvent & { readonly waited: number };
  /** Somebody got no lease, after a wait of so many milliseconds. */
  'connman:pool:acquire-failed': PoolEvent & { readonly error: unknown; readonly waited: number };
  /** A lease is over. `held` is how long it lasted, if this channel had a subscriber when it began. */
  'connman:pool:release': MemberEvent & { readonly held: number | undefined };
  /** A lease is held for more than `leakWarning` milliseconds; `stack` says where it was taken. */
  'connman:pool:leak': MemberEvent & { readonly limit: number; readonly stack: string };
  /** What discovery says is carried out: with so many endpoints, so many connections opened and so many to be drained. */
  'connman:pool:discover': PoolEvent & {
    readonly endpoints: number;
    readonly opened: number;
    readonly drained: number;
  };
  /** Discovery has no answer, or none that can be followed: what it said last is still good. */
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

/** A pool, as far as its events tell of it. */
export interface PoolSource {
  readonly name: string;
  readonly size: number;
}

/** A lease, as far as its events tell of it. */
export interface LeaseSource {
  readonly connection: ConnectionSource;
}

/** Something that has a state, as far as its events tell of it. */
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

/** Whether anybody wants to know of leases. */
export function wantsPoolAcquire(): boolean {
  return channels.acquire.hasSubscribers;
}

/** Whether anybody wants to know for how long leases are held. */
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

function memberEvent({ name, size }: PoolSource, { id, endpoint }: ConnectionSource): MemberEvent {
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
  source: PoolSource,
  { connection }: LeaseSource,
  waited: number,
): Payload<'connman:pool:acquire'> {
  return { ...memberEvent(source, connection), waited };
}

function acquireFailedEvent(
  source: PoolSource,
  error: unknown,
  waited: number,
): Payload<'connman:pool:acquire-failed'> {
  return { ...poolEvent(source), error, waited };
}

function releaseEvent(
  source: PoolSource,
  { connection }: LeaseSource,
  held: number | undefined,
): Payload<'connman:pool:release'> {
  return { ...memberEvent(source, connection), held };
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
