import { endpointKey, type DiscoveredEndpoint } from '../../discovery/index.js';
import { hash } from '../../primitives/hash.js';
import type { Rank } from '../members/group.js';
import { ownKey } from './own-key.js';
import { countOf } from './plan.js';
import { weighed } from './weights.js';

/** The least part of the heaviest weight that an endpoint counts for: no number becomes too small to count with. */
const lightest = 1e-9;

/** The ranks of the endpoints of a snapshot, by key. */
export function ranksOf(
  snapshot: readonly DiscoveredEndpoint[],
  perEndpoint: number,
): ReadonlyMap<string, Rank> {
  return new Map(
    weighed(snapshot).map(({ endpoint, part }) => {
      const { priority = 0, weight } = endpoint;
      const counted = weight === 0 ? part : Math.max(lightest, part);
      return [endpointKey(endpoint), { priority, weight: counted, count: countOf(part, perEndpoint) }];
    }),
  );
}

/**
 * The indices of endpoints in an order of this process, so that not all processes dial the same endpoint first. An endpoint
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
