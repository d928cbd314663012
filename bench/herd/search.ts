import type { ExponentialOptions } from '../../src/backoff/index.js';
import { latenessOf } from './lateness.js';
import { others, ours, type Policy } from './policies.js';
import { type Plan, type Result, runBlip, runOutage, runPolicy } from './run.js';
import { table } from './tables.js';
import {
  attemptsTarget,
  blipTarget,
  isMissed,
  latenessTargets,
  middleTargets,
  paretoTarget,
  peakTarget,
  shortTarget,
  type Target,
  targetsOf,
} from './targets.js';

const grid = {
  initial: [200, 298, 400],
  factor: [1.4, 1.5, 1.6, 2],
  max: [7_500, 10_000, 12_500],
  jitter: [0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6],
} as const;

/**
 * Tries every combination of the grid and prints which target the combinations miss first, and a table of those that
 * meet all targets, the one with the largest margin first. Takes more than a quarter of an hour.
 */
export function search(plan: Plan): void {
  const rivals = others.map((policy) => runPolicy(policy, plan));
  const missed = new Map<string, number>();
  const found: Result[] = [];
  for (const options of combinations()) {
    const result = evaluate(ours(options, describe(options)), plan, rivals);
    if ('what' in result) missed.set(result.what, (missed.get(result.what) ?? 0) + 1);
    else found.push(result);
  }
  for (const [what, count] of missed) console.log(`${count} combinations miss first: ${what}`);
  console.log(
    `${found.length} combinations meet all targets; "tightest" is the largest part of a limit used:\n`,
  );
  console.log(resultTable(found, rivals));
}

function combinations(): Required<Omit<ExponentialOptions, 'random'>>[] {
  return grid.initial.flatMap((initial) =>
    grid.factor.flatMap((factor) =>
      grid.max.flatMap((max) => grid.jitter.map((jitter) => ({ initial, factor, max, jitter }))),
    ),
  );
}

function describe({ initial, factor, max, jitter }: ExponentialOptions): string {
  return `${initial} x${factor} max ${max} jitter ${jitter}`;
}

/** The result if all targets are met, else the first target missed: what is cheap to simulate comes first. */
function evaluate(policy: Policy, plan: Plan, rivals: readonly Result[]): Result | Target {
  const blip = runBlip(policy, plan);
  if (isMissed(blipTarget(blip))) return blipTarget(blip);
  const lateness = latenessOf(policy, plan.programs, plan.seed);
  const latenessMiss = latenessTargets(lateness).find(isMissed);
  if (latenessMiss) return latenessMiss;
  const short = runOutage(policy, 'short', plan);
  const shortMiss = [peakTarget([short]), shortTarget(short)].find(isMissed);
  if (shortMiss) return shortMiss;
  const middle = runOutage(policy, 'middle', plan);
  const middleMiss = middleTargets(middle).find(isMissed);
  if (middleMiss) return middleMiss;
  const long = runOutage(policy, 'long', plan);
  const result = { policy: policy.name, blip, lateness, short, middle, long };
  return [attemptsTarget(long), paretoTarget(result, rivals)].find(isMissed) ?? result;
}

function resultTable(results: readonly Result[], rivals: readonly Result[]): string {
  const rows = results
    .map((result) => ({ result, tightest: tightest(targetsOf(result, rivals)) }))
    .toSorted((a, b) => a.tightest - b.tightest)
    .map(({ result: { policy, short, middle, long }, tightest: part }) => [
      policy,
      `${(100 * part).toFixed(1)} %`,
      `${(100 * middle.worstShareAfterReturn).toFixed(2)} %`,
      `${middle.recoveryP99.toFixed(0)} ms`,
      long.attemptsMean.toFixed(1),
      `${(100 * short.worstShareAfterReturn).toFixed(2)} %`,
      `${short.recoveryP99.toFixed(0)} ms`,
    ]);
  const head = ['options', 'tightest', 'share 60 s', 'p99 60 s', 'attempts 10 min', 'share 5 s', 'p99 5 s'];
  return table([head, ...rows]);
}

/** Of the targets that the steady state decides; blip and peak pull `initial` from both sides and are always tight. */
function tightest(targets: readonly Target[]): number {
  const bound = targets.filter(({ what, limit }) => limit > 0 && !/blip|any time/.test(what));
  return Math.max(...bound.map(({ measured, limit }) => measured / limit));
}
