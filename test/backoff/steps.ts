import fc from 'fast-check';
import type { Backoff } from '../../src/backoff/index.js';

/** The first `count` delays of a backoff. */
export function delaysOf(first: Backoff, count: number): number[] {
  const delays: number[] = [];
  for (let backoff = first; delays.length < count; backoff = backoff.next()) delays.push(backoff.delay);
  return delays;
}

/** The numbers that a generator such as Math.random can give, both ends included. */
export const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** A generator that repeats the given numbers for ever. */
export function repeating(numbers: readonly number[]): () => number {
  let drawn = 0;
  return () => numbers[drawn++ % numbers.length] ?? 0;
}
