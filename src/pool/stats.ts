import type { Endpoint } from '../primitives/endpoint.js';
import type { EndpointGroup } from './group.js';
import type { HealthReport } from './health.js';
import {
  connectionStates,
  noCounters,
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

/** The sum of all counters. */
export function addCounters(a: Counters, b: Counters): Counters {
  return {
    dials: a.dials + b.dials,
    failedDials: a.failedDials + b.failedDials,
    failures: addKinds(a.failures, b.failures, noCounters.failures),
    lives: a.lives + b.lives,
    resets: addKinds(a.resets, b.resets, noCounters.resets),
    bytesRead: a.bytesRead + b.bytesRead,
    bytesWritten: a.bytesWritten + b.bytesWritten,
    pings: a.pings + b.pings,
    handlerErrors: a.handlerErrors + b.handlerErrors,
  };
}

/** What was counted of the connections that have left a pool. */
export class Departed {
  counters: Counters = noCounters;

  add(connection: { stats(): ConnectionStats }): void {
    this.counters = addCounters(this.counters, connection.stats());
  }

  /** A callback of a connection that has left failed: `onClose`, or a promise of an earlier one. */
  countLateError(): void {
    const { handlerErrors } = this.counters;
    this.counters = Object.freeze({ ...this.counters, handlerErrors: handlerErrors + 1 });
  }
}

type Kinds<Name extends string> = Readonly<Record<Name, number>>;

// Most connections have had neither failures nor resets, and then all have the same `nothing`.
function addKinds<Name extends string>(a: Kinds<Name>, b: Kinds<Name>, nothing: Kinds<Name>): Kinds<Name> {
  if (b === nothing) return a;
  const sums = Object.entries<number>(a).map(([name, count]) => [name, count + b[name as Name]]);
  return Object.freeze(Object.fromEntries(sums) as Record<Name, number>);
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
  let unsentBytes = 0;
  for (const connection of connections) {
    states[connection.state] += 1;
    unsentBytes += connection.unsentBytes;
  }
  return {
    states: Object.freeze(states),
    unsentBytes,
    ...connections.reduce<Counters>(addCounters, departed),
  };
}

/** How it is, endpoint by endpoint. */
export function endpointStats(groups: Iterable<EndpointGroup>): readonly EndpointStats[] {
  return Object.freeze(
    Array.from(groups, ({ endpoint, tier, size, ready, leases, health }) =>
      Object.freeze({ endpoint, priority: tier.priority, size, ready, leased: leases, ...health.report }),
    ),
  );
}
