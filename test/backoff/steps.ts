import * as fc from 'fast-check';
import type { Backoff } from '../../src/backoff/index.js';

/** The first `count` delays of a backoff. */
export function delaysOf(first: Backoff, count: number): number[] {
  const delays: number[] = [];
  for (let backoff = first; delays.length < count; backoff = backoff.next()) delays.push(backoff.delay);
  return delays;
}

/** The numbers that a generator such as Math.random can give, from 0 up to, but not including, 1. */
export const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** A generator that repeats the given numbers for ever. */
export function repeating(numbers: readonly number[]): () => number {
  let drawn = 0;
  return () => numbers[drawn++ % numbers.length] ?? 0;
}

/** Draws 0: chance takes nothing away. */
export function noChance(): number {
  return 0;
}

/** What a function throws for arguments that its types forbid. */
export function thrownBy(target: (...args: never[]) => unknown, ...args: readonly unknown[]): unknown {
  try {
    Reflect.apply(target, undefined, args);
  } catch (error) {
    return error;
  }
  return undefined;
}
