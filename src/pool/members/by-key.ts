import { hash, mix } from '../../primitives/hash.js';

/** An endpoint that keys are given to. */
export interface KeyedEndpoint {
  readonly weight: number | undefined;
  /** How many of its connections are ready. */
  readonly ready: number;
  /** A hash of its address. */
  readonly hash: number;
}

const range = 2 ** 32;

/** The hash of a key, as a number from 0 up to, but not including, 1. */
export function fractionOf(key: string): number {
  return hash(key, 1) / range;
}

/**
 * Rendezvous hashing, by weight: the first ready endpoint, in the order of a key, that gives something. When an endpoint goes, only
 * its own keys move, to all others; when it is back, so are its keys. All processes agree.
 */
export function firstByKey<E extends KeyedEndpoint, T>(
  endpoints: Iterable<E>,
  key: string,
  take: (endpoint: E) => T | undefined,
): T | undefined {
  const seed = hash(key, 0);
  let best: E | undefined;
  let highest = -Infinity;
  for (const endpoint of endpoints) {
    if (endpoint.ready === 0) continue;
    const score = scoreOf(endpoint, seed);
    if (score > highest) [best, highest] = [endpoint, score];
  }
  const taken = best && take(best);
  // Rarely needed: where keys are used, few connections are leased.
  return taken ?? (best && firstOf([...endpoints], seed, take));
}

function firstOf<E extends KeyedEndpoint, T>(
  endpoints: readonly E[],
  seed: number,
  take: (endpoint: E) => T | undefined,
): T | undefined {
  const ready = endpoints.filter((endpoint) => endpoint.ready > 0);
  for (const endpoint of ready.toSorted((a, b) => scoreOf(b, seed) - scoreOf(a, seed))) {
    const taken = take(endpoint);
    if (taken !== undefined) return taken;
  }
  return undefined;
}

function scoreOf({ weight = 1, hash: own }: KeyedEndpoint, seed: number): number {
  return weight / -Math.log((mix(own ^ seed) + 0.5) / range);
}
