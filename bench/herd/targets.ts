import type { Lateness } from './lateness.js';
import { dominates } from './pareto.js';
import { outageNames, type Result } from './run.js';
import type { Measurement } from './simulate.js';

/** Something the defaults of `exponential()` must reach; a measured value above the limit misses it. */
export interface Target {
  readonly what: string;
  readonly limit: number;
  readonly measured: number;
  readonly unit: '%' | 'ms' | '';
}

export function isMet({ limit, measured }: Target): boolean {
  return measured <= limit;
}

export function isMissed(target: Target): boolean {
  return !isMet(target);
}

/** All targets, measured on `result`; `rivals` are the policies it is compared with. */
export function targetsOf(result: Result, rivals: readonly Result[]): readonly Target[] {
  const { blip, lateness, short, middle, long } = result;
  return [
    blipTarget(blip),
    ...latenessTargets(lateness),
    peakTarget([short, middle, long]),
    shortTarget(short),
    ...middleTargets(middle),
    attemptsTarget(long),
    paretoTarget(result, rivals),
  ];
}

export function blipTarget(measured: number): Target {
  return { what: 'median cost of a blip', limit: 150, measured, unit: 'ms' };
}

/** The targets for how late a program is back, in parts of the outage. */
export function latenessTargets(lateness: readonly Lateness[]): readonly Target[] {
  const ofSeconds = lateness.filter(({ outage }) => outage <= 20_000);
  const median = Math.max(...ofSeconds.map((after) => after.median));
  // An outage of 1 s is hardly longer than the first two waits, whose bound is `initial` by `factor`.
  const worst = Math.max(...ofSeconds.map((after) => Math.round(100 * after.worst) / 100));
  const dials = lateness.find(({ outage }) => outage === 3_000)?.mostDials ?? NaN;
  return [
    { what: 'median lateness, in parts of an outage of 1 to 20 s', limit: 0.22, measured: median, unit: '' },
    { what: 'worst lateness, in parts of an outage of 1 to 20 s', limit: 0.5, measured: worst, unit: '' },
    { what: 'most dials of an outage of 3 s', limit: 10, measured: dials, unit: '' },
  ];
}

export function peakTarget(measurements: readonly Measurement[]): Target {
  const measured = 100 * Math.max(...measurements.map(({ worstShare }) => worstShare));
  return { what: 'worst share at any time, any outage', limit: 35, measured, unit: '%' };
}

/** The target for the crowd when the server is back after 5 s. */
export function shortTarget({ worstShareAfterReturn }: Measurement): Target {
  const measured = 100 * worstShareAfterReturn;
  return { what: 'worst share after return, 5 s outage', limit: 7, measured, unit: '%' };
}

/** The targets for what happens when the server is back after 60 s. */
export function middleTargets({ worstShareAfterReturn, recoveryP99 }: Measurement): readonly Target[] {
  const share = 100 * worstShareAfterReturn;
  return [
    { what: 'worst share after return, 60 s outage', limit: 2, measured: share, unit: '%' },
    { what: 'recovery p99, 60 s outage', limit: 10_000, measured: recoveryP99, unit: 'ms' },
  ];
}

export function attemptsTarget({ attemptsMean }: Measurement): Target {
  return { what: 'mean attempts per program, 10 min outage', limit: 100, measured: attemptsMean, unit: '' };
}

export function paretoTarget(result: Result, rivals: readonly Result[]): Target {
  const measured = outageNames
    .map((name) => rivals.filter((rival) => dominates(rival[name], result[name])).length)
    .reduce((sum, count) => sum + count, 0);
  return { what: 'policies that dominate it, sum over the outages', limit: 0, measured, unit: '' };
}
