import type { Policy } from './policies.js';
import { mostAtOnce, quantile } from './statistics.js';

/** Width of the sliding window in which dials are counted, in milliseconds. */
export const windowWidth = 100;

/** One herd: independent programs lose the server at time 0, and can reach it again after `outage` milliseconds. */
export interface Scenario {
  readonly programs: number;
  readonly outage: number;
}

/** What a herd did. Shares are parts of all programs, from 0 to 1; times are milliseconds. */
export interface Measurement {
  /** Dials per program, the one that succeeds included. */
  readonly attemptsMean: number;
  readonly attemptsMax: number;
  /** The largest share of the programs that dialled within one window, at any time. */
  readonly worstShare: number;
  /** The same, counting only dials made when the server was back. */
  readonly worstShareAfterReturn: number;
  /** From the return of the server to the dial that succeeds. */
  readonly recoveryP50: number;
  readonly recoveryP99: number;
}

/**
 * Lets every program dial until it succeeds: at once before the return of the server a dial fails, after it a dial
 * succeeds.
 *
 * The window slides: for every instant e, the programs that dialled in (e − 100 ms, e] are counted, each once, and
 * the largest count is taken. So a program whose dials are at most a window apart counts from the first of them
 * until 100 ms after the last, and the worst share is the most such intervals that overlap.
 */
export function simulate(policy: Policy, scenario: Scenario, random: () => number): Measurement {
  const { programs, outage } = scenario;
  const intervals: Intervals = { starts: [], ends: [] };
  const recoveries = new Float64Array(programs);
  let attempts = 0;
  let attemptsMax = 0;
  for (let program = 0; program < programs; program++) {
    const dials = dialTimes(policy, outage, random);
    addIntervals(intervals, dials);
    recoveries[program] = (dials.at(-1) ?? outage) - outage;
    attempts += dials.length;
    attemptsMax = Math.max(attemptsMax, dials.length);
  }
  recoveries.sort();
  return {
    attemptsMean: attempts / programs,
    attemptsMax,
    worstShare: mostAtOnce(intervals.starts, intervals.ends) / programs,
    worstShareAfterReturn:
      mostAtOnce(
        recoveries,
        recoveries.map((time) => time + windowWidth),
      ) / programs,
    recoveryP50: quantile(recoveries, 0.5),
    recoveryP99: quantile(recoveries, 0.99),
  };
}

/** The median of what a blip costs one program when the server is back at once: its wait before the first dial. */
export function blipCost(policy: Policy, programs: number, random: () => number): number {
  const waits = Float64Array.from({ length: programs }, () => policy.first(random).delay);
  return quantile(waits.toSorted(), 0.5);
}

/** When a program dials: the last time is that of the dial that succeeds. */
export function dialTimes(policy: Policy, outage: number, random: () => number): number[] {
  const times: number[] = [];
  let backoff = policy.first(random);
  let time = backoff.delay;
  for (; time < outage; time += backoff.delay) {
    times.push(time);
    backoff = backoff.next();
  }
  times.push(time);
  return times;
}

interface Intervals {
  readonly starts: number[];
  readonly ends: number[];
}

/** Adds the stretches of time during which a window that ends then holds at least one of the dials. */
function addIntervals({ starts, ends }: Intervals, dials: readonly number[]): void {
  let end = -Infinity;
  for (const dial of dials) {
    if (dial >= end) {
      if (starts.length > ends.length) ends.push(end);
      starts.push(dial);
    }
    end = dial + windowWidth;
  }
  ends.push(end);
}
