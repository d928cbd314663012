/**
 * Chooses `size` of the endpoints for the program that has this key: always the same ones for the same key, others for
 * another, and all about equally often. Without a word between them, a thousand programs so spread over a thousand servers.
 *
 * Each endpoint gets a weight from both keys, and the heaviest are chosen (rendezvous hashing). So the order of the
 * endpoints does not matter, nor what else is among them: one that goes gives up its own place only, to the next
 * heaviest, and one that comes takes at most one place.
 *
 * The chosen are in the order in which they were given. The keys of the endpoints are expected to differ.
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

/** Says which indices have the `size` highest weights; where the last of those is shared, the lower keys count for more. */
function heaviest(size: number, weights: Uint32Array, keys: readonly string[]): (index: number) => boolean {
  const sorted = weights.toSorted();
  const least = sorted[sorted.length - size] ?? 0;
  const places = size - (sorted.length - 1 - sorted.lastIndexOf(least));
  const sharers = keys.filter((_, index) => weights[index] === least);
  const winners = new Set(sharers.toSorted().slice(0, places));
  return (index) =>
    (weights[index] ?? 0) > least || (weights[index] === least && winners.has(keys[index] ?? ''));
}

/**
 * A number of 32 bits for a text, other ones for another seed; not against somebody who looks for texts that collide.
 * Each unit of the text is stirred in with a multiplication and a shift, and at the end every bit is made to depend on
 * every other (the finalizer of MurmurHash3): texts that differ in their last digit only are as far apart as any others.
 */
export function hash(text: string, seed: number): number {
  let state = seed ^ text.length;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x9e37_79b1);
    state ^= state >>> 15;
  }
  state = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2_ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
