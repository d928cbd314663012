import { endpointKey, type DiscoveredEndpoint } from '../../discovery/index.js';
import { weighed } from './weights.js';

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

/** How many connections an endpoint gets whose weight is that part of the heaviest. */
export function countOf(part: number, perEndpoint: number): number {
  return Math.max(1, Math.round(perEndpoint * part));
}

/**
 * How many connections each endpoint gets, by its key. The heaviest endpoint of a priority gets `perEndpoint`; the others get
 * a share in proportion to their weight, but at least one.
 */
function wantedCounts(snapshot: readonly DiscoveredEndpoint[], perEndpoint: number): Map<string, number> {
  return new Map(
    weighed(snapshot).map(({ endpoint, part }) => [endpointKey(endpoint), countOf(part, perEndpoint)]),
  );
}

/**
 * Compares the present connections with a snapshot. An endpoint with too many keeps the first ones, so the caller passes the
 * most valuable ones first. Of what is missing, as many are not opened as `refused` says.
 */
export function plan<M extends PlannedMember>(
  members: readonly M[],
  snapshot: readonly DiscoveredEndpoint[],
  perEndpoint: number,
  refused: (key: string) => number = () => 0,
): Plan<M> {
  const missing = wantedCounts(snapshot, perEndpoint);
  const keep: M[] = [];
  const drain: M[] = [];
  for (const member of members) {
    const wanted = missing.get(member.key) ?? 0;
    (wanted > 0 ? keep : drain).push(member);
    if (wanted > 0) missing.set(member.key, wanted - 1);
  }
  const open = snapshot.flatMap((endpoint) => {
    const key = endpointKey(endpoint);
    const length = Math.max(0, (missing.get(key) ?? 0) - refused(key));
    return Array.from({ length }, () => endpoint);
  });
  return { open, keep, drain };
}
