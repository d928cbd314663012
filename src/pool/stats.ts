import type { Candidate } from '../balance/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import type { EndpointGroup } from './members/group.js';
import type { HealthReport } from './members/health.js';
import {
  connectionStates,
  noCounters,
  Tally,
  type ConnectionState,
  type ConnectionStats,
  type Counters,
} from '../connection/index.js';

/** How the connections of a pool to one endpoint are. */
export interface EndpointStats extends HealthReport {
  readonly endpoint: Endpoint;
  /** 0 unless discovery says otherwise: used only while no connection of a lower number is ready. */
  readonly priority: number;
  /** How many connections go there, those that are about to leave apart, how many are ready, and how many are lent. */
  readonly size: number;
  readonly ready: number;
  readonly leased: number;
  /** How the gate to it stands, which all connections of the manager share that go there. */
  readonly gate: ConnectionStats['gate'] | undefined;
}

/** What a pool is and has done so far: a snapshot. Its counters also have what connections did that have left it. */
export interface PoolStats extends Counters, HealthReport {
  readonly name: string;
  /** How many connections the pool has, and how many of them are ready to be used. */
  readonly size: number;
  readonly ready: number;
  /** How many connections are lent, and how many wait for one. */
  readonly leased: number;
  readonly waiting: number;
  /** How many leases were given so far, and how many had to wait for theirs, whether or not they got one. */
  readonly leases: number;
  readonly waits: number;
  /** How many got none: because of their deadline, because too many waited, and for other reasons, such as an abort. */
  readonly timeouts: number;
  readonly refusals: number;
  readonly failedAcquires: number;
  /** How it is, endpoint by endpoint. */
  readonly endpoints: readonly EndpointStats[];
  /** How many of them are in each state. */
  readonly states: Readonly<Record<ConnectionState, number>>;
  /** How many connections were added, and how many have left. */
  readonly added: number;
  readonly removed: number;
  /** What `write()` has accepted and the operating system has not taken yet. */
  readonly unsentBytes: number;
  /** The connections' own snapshots, by index. */
  readonly connections: readonly ConnectionStats[];
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };
type Kinds<Name extends string = string> = Readonly<Record<Name, number>>;

/** A sum of counters that may grow. */
type Sum = Writable<{ [Name in keyof Counters]: Writable<Counters[Name]> }>;

const { failures: noFailures, resets: noResets, ...plainCounters } = noCounters;
const plainNames = Object.keys(plainCounters) as (keyof typeof plainCounters)[];

function copyOf(counters: Counters): Sum {
  return { ...counters, failures: { ...counters.failures }, resets: { ...counters.resets } };
}

function addTo(sum: Sum, counters: Counters): void {
  for (const name of plainNames) sum[name] += counters[name];
  addKinds(sum.failures, counters.failures, noFailures);
  addKinds(sum.resets, counters.resets, noResets);
}

// Most connections have had neither failures nor resets, and then all have the same `nothing`.
function addKinds(sum: Record<string, number>, kinds: Kinds, nothing: Kinds): void {
  if (kinds === nothing) return;
  for (const [name, count] of Object.entries(kinds)) sum[name] = (sum[name] ?? 0) + count;
}

/** What was counted of the connections that have left a pool. */
export class Departed {
  readonly #tally: Tally = new Tally();

  get counters(): Counters {
    return this.#tally.counters;
  }

  add(connection: { addTo(sum: Tally): void }): void {
    connection.addTo(this.#tally);
  }

  /** A callback of a connection that has left failed: `onClose`, or a promise of an earlier one. */
  countLateError(): void {
    this.#tally.count('handler-error');
  }
}

/** The part of a snapshot that is made of those of the connections, and of the counters of those that have left. */
export function summarize(
  connections: readonly ConnectionStats[],
  departed: Counters = noCounters,
): Counters & Pick<PoolStats, 'states' | 'unsentBytes'> {
  const states = Object.fromEntries(connectionStates.map((state) => [state, 0])) as Record<
    ConnectionState,
    number
  >;
  const sum = copyOf(departed);
  let unsentBytes = 0;
  for (const connection of connections) {
    states[connection.state] += 1;
    unsentBytes += connection.unsentBytes;
    addTo(sum, connection);
  }
  const [failures, resets] = [Object.freeze(sum.failures), Object.freeze(sum.resets)];
  return { states: Object.freeze(states), unsentBytes, ...sum, failures, resets };
}

/** How it is, endpoint by endpoint. */
export function endpointStats<M extends Candidate>(
  groups: Iterable<EndpointGroup<M>>,
  connections: readonly ConnectionStats[],
): readonly EndpointStats[] {
  const gates = new Map(connections.map(({ endpoint, gate }) => [endpoint, gate]));
  return Object.freeze(
    Array.from(groups, ({ endpoint, tier, size, ready, leases, health }) =>
      Object.freeze({
        endpoint,
        priority: tier.priority,
        size,
        ready,
        leased: leases,
        ...health.report,
        gate: gates.get(endpoint),
      }),
    ),
  );
}
