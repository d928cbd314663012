import type { Measurement } from './simulate.js';

/** What a good policy keeps small, all at once. */
const objectives = ['attemptsMean', 'worstShareAfterReturn', 'recoveryP99'] as const;

/** Whether `a` is nowhere worse than `b` and better somewhere. */
export function dominates(a: Measurement, b: Measurement): boolean {
  return objectives.every((key) => a[key] <= b[key]) && objectives.some((key) => a[key] < b[key]);
}
