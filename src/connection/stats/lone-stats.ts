import type { Endpoint } from '../../primitives/endpoint.js';
import type { ConnectionState, GateReport } from '../../telemetry/index.js';
import type { EndpointTotals } from './endpoint-totals.js';
import type { SharedCounters } from './totals.js';
import { addTraffic, type LiveTraffic, type Living } from './traffic.js';

/** The connections without a pool to one endpoint: a frozen snapshot. Its counters include those of closed connections. */
export interface LoneEndpointStats extends SharedCounters {
  /** The address. */
  readonly endpoint: Endpoint;
  /** How many connections dial it or use it now. */
  readonly size: number;
  /** How many of these are ready. */
  readonly ready: number;
  /** The state of the endpoint's gate, unless each connection is at another of its endpoints. */
  readonly gate: GateReport | undefined;
}

/** The connections of a manager that belong to no pool, together: a frozen snapshot. The counters include closed connections. */
export interface LoneStats extends SharedCounters {
  /** How many connections there are. */
  readonly size: number;
  /** How many of these are ready. */
  readonly ready: number;
  /** How many connections are in each state. */
  readonly states: Readonly<Record<ConnectionState, number>>;
  /** The bytes that `write()` has accepted and the operating system has not taken yet. */
  readonly unsentBytes: number;
  /** The endpoints that were dialled and may be dialled again. */
  readonly endpoints: readonly LoneEndpointStats[];
  /** The counters of all endpoints that no connection has any more, added up. */
  readonly gone: SharedCounters;
}

/** A connection without a pool. */
interface Lone extends Living {
  readonly endpoint: Endpoint;
  readonly state: ConnectionState;
  readonly dialer: {
    readonly failover: { readonly endpoints: readonly Endpoint[] };
    readonly gateReport: GateReport;
  };
}

/** What the connections at one endpoint are doing. */
class Present implements LiveTraffic {
  size = 0;
  ready = 0;
  bytesRead = 0;
  bytesWritten = 0;
  unsentBytes = 0;
  gate: GateReport | undefined;

  add(connection: Lone): void {
    this.size += 1;
    if (connection.state === 'ready') this.ready += 1;
    addTraffic(this, connection);
    this.gate ??= connection.dialer.gateReport;
  }
}

/** Makes a snapshot of connections, whose counters are in `totals`. */
export function loneStats(
  connections: readonly Lone[],
  totals: EndpointTotals,
  allStates: readonly ConnectionState[],
): LoneStats {
  totals.retain(connections.flatMap(({ dialer }) => dialer.failover.endpoints));
  const states = Object.fromEntries(allStates.map((state) => [state, 0])) as LoneStats['states'];
  const all = new Present();
  const present = new Map<object, Present>();
  for (const connection of connections) {
    (states as Record<ConnectionState, number>)[connection.state] += 1;
    all.add(connection);
    const own = totals.of(connection.endpoint);
    const here = present.get(own) ?? new Present();
    present.set(own, here);
    here.add(connection);
  }
  const none = Object.freeze(new Present());
  const endpoints = Array.from(totals.entries(), ({ endpoint, counted }) => {
    const { size, ready, gate, ...traffic } = present.get(counted) ?? none;
    return Object.freeze({ endpoint, size, ready, gate, ...counted.counters(traffic) });
  });
  const { size, ready, unsentBytes } = all;
  return Object.freeze({
    size,
    ready,
    states: Object.freeze(states),
    unsentBytes,
    ...totals.all.counters(all),
    endpoints: Object.freeze(endpoints),
    gone: Object.freeze(
      totals.all.counters(
        none,
        Array.from(totals.entries(), ({ counted }) => counted),
      ),
    ),
  });
}
