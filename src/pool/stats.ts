import {
  connectionStates,
  noCounters,
  type ConnectionState,
  type ConnectionStats,
  type Counters,
  type Handler,
} from '../connection/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import type { PoolCore } from './core.js';
import type { DiscoveryStats } from './following/discovery-record.js';
import type { EndpointGroup } from './members/group.js';
import type { HealthReport } from './members/health.js';
import type { Member } from './members/member.js';

/** The connections of a pool to one endpoint: a snapshot. */
export interface EndpointStats extends HealthReport {
  /** The address that these connections dial. */
  readonly endpoint: Endpoint;
  /** That of the discovered endpoint, or 0. It is used only while no connection of a lower number is ready. */
  readonly priority: number;
  /** How many connections the last snapshot wants to it; 0 where discovery did not bring it. */
  readonly wanted: number;
  /** How many connections the pool has to it, without those that are about to leave. */
  readonly size: number;
  /** How many of these are ready. */
  readonly ready: number;
  /** How many of these are leased. */
  readonly leased: number;
  /** The state of the endpoint's gate, which all connections of the manager to this endpoint share. */
  readonly gate: ConnectionStats['gate'] | undefined;
}

/** The state of a pool and its counters: a frozen snapshot. The counters include connections that have left the pool. */
export interface PoolStats extends Counters, HealthReport {
  /** The name given to `createPool()`. */
  readonly name: string;
  /** How many connections the pool has. */
  readonly size: number;
  /** How many of these are ready. */
  readonly ready: number;
  /** How many of these are leased. */
  readonly leased: number;
  /** How many callers wait for a lease. */
  readonly waiting: number;
  /** How many leases were given so far. */
  readonly leases: number;
  /** How many leases there were whose life has ended before they did. */
  readonly interrupted: number;
  /** How many calls had to wait for a lease, whether or not they got it. */
  readonly waits: number;
  /** How many calls got no lease before their deadline. */
  readonly timeouts: number;
  /** How many calls got no lease because `maxWaiters` callers waited already. */
  readonly refusals: number;
  /** How many calls got no lease for another reason, such as an abort. */
  readonly failedAcquires: number;
  /** The endpoints, in the order in which the pool got to know them. */
  readonly endpoints: readonly EndpointStats[];
  /** What discovery says; `undefined` for a pool without it. */
  readonly discovery: DiscoveryStats | undefined;
  /** How many connections are in each state. */
  readonly states: Readonly<Record<ConnectionState, number>>;
  /** How many connections were added so far. */
  readonly added: number;
  /** How many connections have left so far. */
  readonly removed: number;
  /** The bytes that `write()` has accepted and the operating system has not taken yet. */
  readonly unsentBytes: number;
  /** The snapshots of the connections, by index. */
  readonly connections: readonly ConnectionStats[];
}

/** Makes a snapshot. */
export function poolStats<H extends Handler>(core: PoolCore<H>): PoolStats {
  const { name, size, added, health, leases, removedTotals, roster } = core;
  const connections = Object.freeze(roster.members.toArray().map(({ connection }) => connection.stats()));
  return Object.freeze({
    name,
    ...health.report,
    size,
    ready: roster.ready,
    waiting: leases.waiting,
    ...leases.counters,
    added,
    removed: added - size,
    ...summarize(connections, removedTotals.counters),
    discovery: core.reconciler?.stats,
    endpoints: endpointStats(roster.groups.values(), connections),
    connections,
  });
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** A sum of counters that may grow. */
type Sum = Writable<{ [Name in keyof Counters]: Writable<Counters[Name]> }>;

const { failures: _failures, resets: _resets, ...plainCounters } = noCounters;
const plainNames = Object.keys(plainCounters) as (keyof typeof plainCounters)[];

function addKinds(sum: Record<string, number>, kinds: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(kinds)) sum[name] = (sum[name] ?? 0) + count;
}

/** Adds up the connections of a pool, and the counters of those that have left. */
function summarize(
  connections: readonly ConnectionStats[],
  removed: Counters,
): Counters & Pick<PoolStats, 'states' | 'unsentBytes'> {
  const states = Object.fromEntries(connectionStates.map((state) => [state, 0])) as Record<
    ConnectionState,
    number
  >;
  const sum: Sum = { ...removed, failures: { ...removed.failures }, resets: { ...removed.resets } };
  let unsentBytes = 0;
  for (const connection of connections) {
    states[connection.state] += 1;
    unsentBytes += connection.unsentBytes;
    for (const name of plainNames) sum[name] += connection[name];
    addKinds(sum.failures, connection.failures);
    addKinds(sum.resets, connection.resets);
  }
  const [failures, resets] = [Object.freeze(sum.failures), Object.freeze(sum.resets)];
  return { states: Object.freeze(states), unsentBytes, ...sum, failures, resets };
}

function endpointStats<M extends Member>(
  groups: Iterable<EndpointGroup<M>>,
  connections: readonly ConnectionStats[],
): readonly EndpointStats[] {
  const gates = new Map(connections.map(({ endpoint, gate }) => [endpoint, gate]));
  return Object.freeze(
    Array.from(groups, ({ endpoint, tier, wanted, size, ready, leases, health }) =>
      Object.freeze({
        endpoint,
        priority: tier.priority,
        wanted,
        size,
        ready,
        leased: leases,
        ...health.report,
        gate: gates.get(endpoint),
      }),
    ),
  );
}
