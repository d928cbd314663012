import { endpointKey, type DiscoveredEndpoint } from '../../discovery/index.js';

/** What to do so that a pool has the connections that a snapshot asks for. */
export interface Plan<M> {
  /** Where to open a connection; an endpoint occurs once for each. */
  readonly open: readonly DiscoveredEndpoint[];
  /** Which connections stay as they are. */
  readonly keep: readonly M[];
  /** Which connections are not wanted any more. */
  readonly drain: readonly M[];
}

/** A connection, as far as a plan is concerned. */
export interface PlannedMember {
  /** The key of its endpoint. */
  readonly key: string;
}

/**
 * How many connections each endpoint gets, by its key: `perEndpoint` the heaviest of a priority, and the others the same part
 * of it as their weight is of the greatest, but at least one.
 */
function wantedCounts(snapshot: readonly DiscoveredEndpoint[], perEndpoint: number): Map<string, number> {
  const heaviest = new Map<number, number>();
  for (const { priority = 0, weight = 1 } of snapshot) {
    heaviest.set(priority, Math.max(weight, heaviest.get(priority) ?? 0));
  }
  const wanted = new Map<string, number>();
  for (const endpoint of snapshot) {
    const { priority = 0, weight = 1 } = endpoint;
    const most = heaviest.get(priority) ?? 0;
    // Where there is nothing to choose, a DNS gives 0 to all.
    const part = most > 0 ? weight / most : 1;
    wanted.set(endpointKey(endpoint), Math.max(1, Math.round(perEndpoint * part)));
  }
  return wanted;
}

/**
 * Compares the connections that there are with a snapshot. Of an endpoint with too many, the first are kept, so the caller
 * gives first what is worth most. What need not change is not touched.
 */
export function plan<M extends PlannedMember>(
  members: readonly M[],
  snapshot: readonly DiscoveredEndpoint[],
  perEndpoint: number,
): Plan<M> {
  const missing = wantedCounts(snapshot, perEndpoint);
  const keep: M[] = [];
  const drain: M[] = [];
  for (const member of members) {
    const wanted = missing.get(member.key) ?? 0;
    (wanted > 0 ? keep : drain).push(member);
    if (wanted > 0) missing.set(member.key, wanted - 1);
  }
  const open = snapshot.flatMap((endpoint) =>
    Array.from({ length: missing.get(endpointKey(endpoint)) ?? 0 }, () => endpoint),
  );
  return { open, keep, drain };
}
