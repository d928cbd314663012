import type { Backoff } from './backoff.js';

const longest: WeakMap<() => Backoff, number> = new WeakMap();

/** Notes that no delay of that backoff is longer, in milliseconds. */
export function noteLongest(first: () => Backoff, delay: number): void {
  longest.set(first, delay);
}

/** The longest delay of a backoff, in milliseconds; Infinity for one that is not connman's own. */
export function longestDelayOf(first: () => Backoff): number {
  return longest.get(first) ?? Infinity;
}
