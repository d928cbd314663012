import {
  addTraffic,
  type ConnectionState,
  type ConnectionStats,
  type Handler,
  type LiveTraffic,
  type SharedCounters,
  type Traffic,
} from '../connection/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { once } from '../primitives/once.js';
import type { PoolCore } from './core.js';
import type { DiscoveryStats } from './following/discovery-record.js';
import type { LeaseReport } from './leases/lease-counters.js';
import type { HealthReport } from './members/health.js';
import type { Member } from './members/member.js';
import type { Roster } from './members/roster.js';

/** The connections of a pool to one endpoint: a snapshot. Its counters include those of connections that have left. */
export interface EndpointStats extends SharedCounters, HealthReport {
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

/**
 * The state of a pool and its counters: a frozen snapshot. The counters include connections that have left the pool. In a pool of
 * more than 1 000 connections, bytes are counted when first read, at the latest in the next turn of the event loop.
 */
export interface PoolStats extends SharedCounters, HealthReport, LeaseReport {
  /** The name given to `createPool()`. */
  readonly name: string;
  /** How many connections the pool has. */
  readonly size: number;
  /** How many of these are ready. */
  readonly ready: number;
  /** How many callers wait for a lease. */
  readonly waiting: number;
  /** The endpoints, in the order in which the pool got to know them. Made when first read. */
  readonly endpoints: readonly EndpointStats[];
  /** The counters of all endpoints that the pool has no connection to any more, added up. Made when first read. */
  readonly gone: SharedCounters;
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
  /** The snapshots of the connections, by index. Made when first read. */
  readonly connections: readonly ConnectionStats[];
}

/** The bytes of up to this many connections are counted at once: that takes as long as all the rest. */
const fewConnections = 1_000;

/** Makes a snapshot. What takes long where there are many connections is made when it is read. */
export function poolStats<H extends Handler>(core: PoolCore<H>): PoolStats {
  const { name, size, added, health, leases, roster } = core;
  const members = roster.members.toArray();
  const { bytesRead: _read, bytesWritten: _written, ...counters } = roster.totals.counters(nothing);
  const traffic = once(() => trafficOf(members, roster.totals.past));
  if (size <= fewConnections) traffic();
  // Two snapshots have to differ by what went on between them, whenever they are read.
  else setImmediate(traffic);
  const connections = once(() => Object.freeze(members.map(({ connection }) => connection.stats())));
  const endpoints = once(() => endpointStats(roster));
  const gone = once(() => goneCounters(roster));
  return Object.freeze({
    name,
    ...health.report,
    size,
    ready: roster.ready,
    waiting: leases.waiting,
    ...leases.counters.report,
    added,
    removed: added - size,
    discovery: core.reconciler?.stats,
    states: Object.freeze({ ...roster.states }),
    ...counters,
    get bytesRead() {
      return traffic().bytesRead;
    },
    get bytesWritten() {
      return traffic().bytesWritten;
    },
    get unsentBytes() {
      return traffic().unsentBytes;
    },
    get endpoints() {
      return endpoints();
    },
    get gone() {
      return gone();
    },
    get connections() {
      return connections();
    },
  });
}

const nothing: LiveTraffic = Object.freeze({ bytesRead: 0, bytesWritten: 0, unsentBytes: 0 });

/** The bytes of the present lives, and of those that are over. */
function trafficOf<H extends Handler>(members: readonly Member<H>[], past: Traffic): LiveTraffic {
  const sum = { ...nothing, ...past };
  for (const { internals } of members) addTraffic(sum, internals);
  return sum;
}

/** What the connections to one endpoint are doing. */
class Present<H extends Handler> implements LiveTraffic {
  leased = 0;
  bytesRead = 0;
  bytesWritten = 0;
  unsentBytes = 0;
  readonly #first: Member<H>;

  constructor(first: Member<H>) {
    this.#first = first;
  }

  get gate(): EndpointStats['gate'] {
    return this.#first.internals.dialer.gateReport;
  }

  add({ internals, lease, status }: Member<H>): void {
    if (lease && status !== 'leaving') this.leased += 1;
    addTraffic(this, internals);
  }
}

function endpointStats<H extends Handler>(roster: Roster<H>): readonly EndpointStats[] {
  const present: Map<object, Present<H>> = new Map();
  for (const member of roster.members.toArray()) {
    let here = present.get(member.group);
    if (!here) present.set(member.group, (here = new Present(member)));
    here.add(member);
  }
  return Object.freeze(
    Array.from(roster.groups.values(), (group) => {
      const { endpoint, tier, wanted, size, ready, health, totals } = group;
      const here = present.get(group);
      return Object.freeze({
        endpoint,
        priority: tier.priority,
        wanted,
        size,
        ready,
        leased: here?.leased ?? 0,
        ...health.report,
        gate: here?.gate,
        ...totals.counters(here ?? nothing),
      });
    }),
  );
}

function goneCounters<H extends Handler>({ totals, groups }: Roster<H>): SharedCounters {
  const present = Array.from(groups.values(), (group) => group.totals);
  return Object.freeze(totals.counters(nothing, present));
}
