import { endpointKey, type DiscoveredEndpoint } from '../../discovery/index.js';
import { hash } from '../../primitives/hash.js';
import type { Rank } from '../members/group.js';
import { ownKey } from './own-key.js';
import { wantedCounts } from './plan.js';

/** A lighter endpoint counts as if it had this part of the weight of the heaviest one: no number becomes too small to count with. */
const lightest = 1e-9;

/** The ranks of the endpoints of a snapshot, by key. */
export function ranksOf(
  snapshot: readonly DiscoveredEndpoint[],
  perEndpoint: number,
): ReadonlyMap<string, Rank> {
  const heaviest = new Map<number, number>();
  for (const { priority = 0, weight = 1 } of snapshot) {
    heaviest.set(priority, Math.max(weight, heaviest.get(priority) ?? 0));
  }
  const counts = wantedCounts(snapshot, perEndpoint);
  const ranks = new Map<string, Rank>();
  for (const endpoint of snapshot) {
    const { priority = 0, weight = 1 } = endpoint;
    const key = endpointKey(endpoint);
    const most = heaviest.get(priority) ?? 0;
    // DNS gives all the weight 0 where there is nothing to choose (RFC 2782).
    const part = most === 0 ? 1 : weight === 0 ? 0 : Math.max(lightest, weight / most);
    ranks.set(key, { priority, weight: part, count: counts.get(key) ?? 1 });
  }
  return ranks;
}

/**
 * The indices of endpoints in an order of the program's own, so that not all programs dial the same endpoint first. An endpoint
 * that occurs several times has its second turn after the first turns of all others.
 */
export function ownOrder(
  endpoints: readonly DiscoveredEndpoint[],
  seed: number = hash(ownKey(), 0),
): readonly number[] {
  const rounds = new Map<DiscoveredEndpoint, number>();
  const turns = endpoints.map((endpoint, index) => {
    const round = rounds.get(endpoint) ?? 0;
    rounds.set(endpoint, round + 1);
    return { index, round, place: hash(endpointKey(endpoint), seed) };
  });
  return turns.toSorted((a, b) => a.round - b.round || a.place - b.place).map(({ index }) => index);
}
