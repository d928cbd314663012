import { describe, expect, it } from 'vitest';
import { simulate, type Outcome, type Scene } from '../../bench/balance/simulate.js';
import { sceneOf, strategiesFor } from '../../bench/balance/strategies.js';
import { quantile } from '../../bench/herd/statistics.js';

function outcomes(use: Scene['use']): Record<string, Outcome> {
  const scene = sceneOf(use, 20_000);
  return Object.fromEntries(strategiesFor(use).map(([name, balancer]) => [name, simulate(balancer, scene)]));
}

const p99 = ({ latencies }: Outcome): number => quantile(latencies, 0.99);

describe('of four servers, one is ten times as slow', () => {
  it('leastLeased and twoChoices get more done with leases, and let nobody wait as long', () => {
    const { leastLeased, random, roundRobin, twoChoices } = outcomes('leases');
    for (const even of [leastLeased, twoChoices] as Outcome[]) {
      for (const blind of [random, roundRobin] as Outcome[]) {
        expect(even.requestsPerSecond).toBeGreaterThan(1.2 * blind.requestsPerSecond);
        expect(p99(even)).toBeLessThan(0.75 * p99(blind));
        expect(even.shares[0]).toBeLessThan(blind.shares[0] ?? 0);
      }
    }
  });

  it('in shared use, twoChoices does by what is pending, where the others give each the same', () => {
    const found = outcomes('shared');
    const even = found['twoChoices of what is pending'] as Outcome;
    const { random, roundRobin } = found as Record<'random' | 'roundRobin', Outcome>;
    for (const blind of [random, roundRobin]) {
      for (const share of blind.shares) expect(share).toBeCloseTo(0.25, 1);
      expect(even.requestsPerSecond).toBeGreaterThan(3 * blind.requestsPerSecond);
      expect(p99(even)).toBeLessThan(0.75 * p99(blind));
    }
    expect(even.shares[0]).toBeLessThan(0.08);
  });
});
