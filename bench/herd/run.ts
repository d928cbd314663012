import { type Lateness, latenessOf } from './lateness.js';
import type { Policy } from './policies.js';
import { seededRandom } from './random.js';
import { blipCost, type Measurement, simulate } from './simulate.js';
import { mean } from './statistics.js';

/** The outages looked at, in milliseconds. */
export const outages = { short: 5_000, middle: 60_000, long: 600_000 } as const;

export const outageNames = ['short', 'middle', 'long'] as const;

export type OutageName = (typeof outageNames)[number];

/** How large a run is; with the same plan a policy always gives the same result. */
export interface Plan {
  /** Programs in one herd. */
  readonly programs: number;
  /** Herds over which each figure is averaged: of a single one of 10 000 the worst share scatters by ±0.3 %. */
  readonly herds: number;
  /** Draws from which the median cost of a blip is taken. */
  readonly blips: number;
  readonly seed: number;
}

/** A policy's herds in every outage, how late its programs are back, and the median cost of a blip in milliseconds. */
export interface Result extends Readonly<Record<OutageName, Measurement>> {
  readonly policy: string;
  readonly blip: number;
  readonly lateness: readonly Lateness[];
}

export function runPolicy(policy: Policy, plan: Plan): Result {
  return {
    policy: policy.name,
    blip: runBlip(policy, plan),
    lateness: latenessOf(policy, plan.programs, plan.seed),
    short: runOutage(policy, 'short', plan),
    middle: runOutage(policy, 'middle', plan),
    long: runOutage(policy, 'long', plan),
  };
}

export function runBlip(policy: Policy, { blips, seed }: Plan): number {
  return blipCost(policy, blips, seededRandom(seed));
}

/** The mean over the herds of every figure, but the maximum of the maximum. */
export function runOutage(policy: Policy, name: OutageName, { programs, herds, seed }: Plan): Measurement {
  const scenario = { programs, outage: outages[name] };
  const measured = Array.from({ length: herds }, (_, herd) =>
    simulate(policy, scenario, seededRandom(seed * 1_000 + herd)),
  );
  const meanOf = (key: keyof Measurement): number => mean(measured.map((herd) => herd[key]));
  return {
    attemptsMean: meanOf('attemptsMean'),
    attemptsMax: Math.max(...measured.map(({ attemptsMax }) => attemptsMax)),
    worstShare: meanOf('worstShare'),
    worstShareAfterReturn: meanOf('worstShareAfterReturn'),
    recoveryP50: meanOf('recoveryP50'),
    recoveryP99: meanOf('recoveryP99'),
  };
}
