import { hash } from '../../primitives/hash.js';

/**
 * Chooses `size` of the endpoints by rendezvous hashing: each endpoint gets a weight from its key and that of the process, and
 * the heaviest are chosen. The same key always gives the same choice, and many different keys choose all endpoints about
 * equally often, so processes spread over servers without talking to each other.
 *
 * The order of the endpoints does not matter. An endpoint that goes frees only its own place, for the next heaviest; one that
 * comes takes at most one place.
 *
 * The result has the given order. The keys of the endpoints have to differ.
 */
export function chooseSubset<T>(
  endpoints: readonly T[],
  size: number,
  key: string,
  keyOf: (endpoint: T) => string,
): readonly T[] {
  if (size >= endpoints.length) return endpoints;
  if (size <= 0) return [];
  const seed = hash(key, 0);
  const keys = endpoints.map(keyOf);
  const weights = new Uint32Array(keys.map((each) => hash(each, seed)));
  const isChosen = heaviest(size, weights, keys);
  return endpoints.filter((_, index) => isChosen(index));
}

/** Tells which indices have the `size` highest weights. Where several share the last of these, the lower keys win. */
function heaviest(size: number, weights: Uint32Array, keys: readonly string[]): (index: number) => boolean {
  const sorted = weights.toSorted();
  const least = sorted[sorted.length - size] ?? 0;
  const places = size - (sorted.length - 1 - sorted.lastIndexOf(least));
  const sharers = keys.filter((_, index) => weights[index] === least);
  const winners = new Set(sharers.toSorted().slice(0, places));
  return (index) =>
    (weights[index] ?? 0) > least || (weights[index] === least && winners.has(keys[index] ?? ''));
}
