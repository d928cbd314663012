import { beforeAll, describe, expect, it } from 'vitest';
import { latenessOf } from '../../bench/herd/lateness.js';
import { dominates } from '../../bench/herd/pareto.js';
import { others, ours, type Policy } from '../../bench/herd/policies.js';
import { seededRandom } from '../../bench/herd/random.js';
import { runBlip, type Plan, runOutage } from '../../bench/herd/run.js';
import { type Measurement, simulate } from '../../bench/herd/simulate.js';
import { mostAtOnce, quantile } from '../../bench/herd/statistics.js';
import { constant } from '../../src/backoff/index.js';
import { delaysOf, noChance } from './steps.js';

// Shares scatter more in a herd of 2 000 than in one of 10 000, for which bench/herd.ts holds the targets themselves.
const plan: Plan = { programs: 2_000, herds: 1, blips: 100_000, seed: 7 };

describe('programs with the default backoff that lose their server together', () => {
  let middle: Measurement;
  let long: Measurement;
  beforeAll(() => {
    middle = runOutage(ours(), 'middle', plan);
    long = runOutage(ours(), 'long', plan);
  });

  it('come back spread out after a minute: hardly 2 % of them within 100 ms', () => {
    expect(middle.worstShareAfterReturn).toBeLessThanOrEqual(0.026);
  });

  it('are nearly all back within 10 s', () => {
    expect(middle.recoveryP99).toBeLessThanOrEqual(10_000);
    expect(long.recoveryP99).toBeLessThanOrEqual(10_000);
  });

  it('never dial together: hardly more than a third of them within 100 ms', () => {
    expect(Math.max(middle.worstShare, long.worstShare)).toBeLessThanOrEqual(0.375);
  });

  it('lose no more than 150 ms by a blip, in the median', () => {
    expect(runBlip(ours(), plan)).toBeLessThanOrEqual(150);
  });

  it('dial at most 100 times each in ten minutes', () => {
    expect(long.attemptsMean).toBeLessThanOrEqual(100);
  });

  it('are back within half the length of the outage again, and mostly within a fifth of it', () => {
    for (const { outage, median, worst, mostDials } of latenessOf(ours(), plan.programs, plan.seed)) {
      expect(median, `median after ${outage} ms`).toBeLessThanOrEqual(0.23);
      expect(worst, `worst after ${outage} ms`).toBeLessThanOrEqual(0.5);
      if (outage === 3_000) expect(mostDials).toBeLessThanOrEqual(10);
    }
  });

  it('are not outdone in attempts, crowding and recovery at once by another policy', () => {
    const short = runOutage(ours(), 'short', plan);
    const better = others.filter((policy) => dominates(runOutage(policy, 'short', plan), short));
    expect(better.map(({ name }) => name)).toEqual([]);
  });
});

describe('the policies compared', () => {
  const firstDelays: Record<string, number[]> = {
    'connman 2.0.1': [
      20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 20_480, 40_960, 81_920, 163_840, 163_840,
    ],
    ioredis: [50, 100, 150],
    'node-redis': [0, 50, 100, 200, 400, 800, 1_600, 2_000],
    gRPC: [0, 1_000, 1_280],
    'full jitter': [0, 0],
    'equal jitter': [150, 300, 600, 1_200, 2_400, 4_800, 5_000],
    'decorrelated jitter': [300, 300],
  };

  it.each(others)('$name wait as documented', ({ name, first }) => {
    const expected = firstDelays[name] ?? [];
    expect(expected).not.toEqual([]);
    expect(delaysOf(first(noChance), expected.length)).toEqual(expected);
  });
});

const herd = { programs: 10, outage: 1_000 };

function every(delay: number): Policy {
  return { name: `every ${delay} ms`, first: () => constant(delay) };
}

function seeded(seed: number): Measurement {
  return simulate(ours(), herd, seededRandom(seed));
}

describe('the simulation', () => {
  it('counts the dials up to the one that succeeds, and the time since the return', () => {
    expect(simulate(every(300), herd, Math.random)).toEqual({
      attemptsMean: 4,
      attemptsMax: 4,
      worstShare: 1,
      worstShareAfterReturn: 1,
      recoveryP50: 200,
      recoveryP99: 200,
    });
  });

  it('counts a program once in a window, however often it dials', () => {
    expect(simulate(every(10), herd, Math.random)).toMatchObject({ attemptsMean: 100, worstShare: 1 });
  });

  it('counts programs of different instants in one window only if it holds both', () => {
    let program = 0;
    const apart = (gap: number): Policy => ({
      name: 'apart',
      first: () => constant(2_000 + gap * program++),
    });
    expect(simulate(apart(50), herd, Math.random).worstShare).toBe(0.2);
    program = 0;
    expect(simulate(apart(49), herd, Math.random).worstShare).toBe(0.3);
  });

  it('says how late a program is back, in parts of the outage', () => {
    expect(latenessOf(every(1_250), 10, 1)).toEqual([
      { outage: 1_000, median: 0.25, worst: 0.25, mostDials: 1 },
      { outage: 3_000, median: 0.25, worst: 0.25, mostDials: 3 },
      { outage: 10_000, median: 0, worst: 0, mostDials: 8 },
      { outage: 20_000, median: 0, worst: 0, mostDials: 16 },
      { outage: 60_000, median: 0, worst: 0, mostDials: 48 },
    ]);
  });

  it('gives the same figures for the same seed', () => {
    expect(seeded(3)).toEqual(seeded(3));
    expect(seeded(3)).not.toEqual(seeded(4));
  });

  it('finds the most overlapping intervals and the quantiles', () => {
    expect(mostAtOnce([0, 5, 9, 20], [10, 10, 12, 25])).toBe(3);
    expect(mostAtOnce([0, 10], [10, 20])).toBe(1);
    expect(quantile(Float64Array.of(1, 2, 3, 4), 0.5)).toBe(2);
    expect(quantile(Float64Array.of(1, 2, 3, 4), 0.99)).toBe(4);
  });
});
