import { endpointKey, type DiscoveredEndpoint } from '../../discovery/index.js';

/** The steps that give a pool the connections a snapshot asks for. */
export interface Plan<M> {
  /** Where to open a connection: an endpoint occurs once for each. */
  readonly open: readonly DiscoveredEndpoint[];
  /** The connections that stay as they are. */
  readonly keep: readonly M[];
  /** The connections that are no longer wanted. */
  readonly drain: readonly M[];
}

/** What a plan needs to know of a connection. */
export interface PlannedMember {
  /** The key of its endpoint. */
  readonly key: string;
}

/**
 * How many connections each endpoint gets, by its key. The heaviest endpoint of a priority gets `perEndpoint`; the others get
 * a share in proportion to their weight, but at least one.
 */
export function wantedCounts(
  snapshot: readonly DiscoveredEndpoint[],
  perEndpoint: number,
): Map<string, number> {
  const heaviest = new Map<number, number>();
  for (const { priority = 0, weight = 1 } of snapshot) {
    heaviest.set(priority, Math.max(weight, heaviest.get(priority) ?? 0));
  }
  const wanted = new Map<string, number>();
  for (const endpoint of snapshot) {
    const { priority = 0, weight = 1 } = endpoint;
    const most = heaviest.get(priority) ?? 0;
    // DNS gives all the weight 0 where there is nothing to choose (RFC 2782).
    const part = most > 0 ? weight / most : 1;
    wanted.set(endpointKey(endpoint), Math.max(1, Math.round(perEndpoint * part)));
  }
  return wanted;
}

/**
 * Compares the present connections with a snapshot. An endpoint with too many keeps the first ones, so the caller passes the
 * most valuable ones first.
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
