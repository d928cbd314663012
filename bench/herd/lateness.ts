import type { Policy } from './policies.js';
import { seededRandom } from './random.js';
import { dialTimes } from './simulate.js';
import { quantile } from './statistics.js';

/** The outages after which it is asked how late a program is back, in milliseconds. */
export const lateOutages = [1_000, 3_000, 10_000, 20_000, 60_000] as const;

/** How long after the return of the server a program is back, in parts of how long the server was away. */
export interface Lateness {
  readonly outage: number;
  readonly median: number;
  readonly worst: number;
  /** The most dials of a program, the one that succeeds included. */
  readonly mostDials: number;
}

/** How late programs with that policy are back, after each of the {@link lateOutages}. */
export function latenessOf(policy: Policy, programs: number, seed: number): readonly Lateness[] {
  return lateOutages.map((outage) => latenessAfter(policy, programs, outage, seededRandom(seed)));
}

function latenessAfter(policy: Policy, programs: number, outage: number, random: () => number): Lateness {
  let mostDials = 0;
  const parts = Float64Array.from({ length: programs }, () => {
    const dials = dialTimes(policy, outage, random);
    mostDials = Math.max(mostDials, dials.length);
    return ((dials.at(-1) ?? outage) - outage) / outage;
  }).toSorted();
  return { outage, median: quantile(parts, 0.5), worst: quantile(parts, 1), mostDials };
}
