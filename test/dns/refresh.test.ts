import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refreshDelay, retryDelay } from '../../src/dns/refresh.js';

const settings = { minRefresh: 1_000, maxRefresh: 300_000, jitter: 0.1 };

describe('refreshDelay', () => {
  it.for([
    [60, 0, 60_000],
    [60, 1, 54_000],
    [60, 0.5, 57_000],
    [0, 0.5, 1_000],
    [1, 1, 1_000],
    [100_000, 0, 300_000],
    [100_000, 1, 270_000],
    [4_294_967_295, 0, 300_000],
  ] as const)('of a TTL of %d s, with chance %d: %d ms', ([ttl, chance, delay]) => {
    expect(refreshDelay(ttl, settings, chance)).toBeCloseTo(delay, 6);
  });

  it('stays within its bounds, and within the TTL and its jitter where they allow it', () => {
    const longest = 2_147_483_647;
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const bounds = fc.tuple(fc.integer({ min: 1, max: longest }), fc.integer({ min: 1, max: longest }));
    fc.assert(
      fc.property(bounds, share, share, fc.nat(4_294_967_295), ([one, other], jitter, chance, ttl) => {
        const [minRefresh, maxRefresh] = [Math.min(one, other), Math.max(one, other)];
        const delay = refreshDelay(ttl, { minRefresh, maxRefresh, jitter }, chance);
        expect(delay).toBeGreaterThanOrEqual(minRefresh);
        expect(delay).toBeLessThanOrEqual(maxRefresh);
        expect(delay).toBeLessThanOrEqual(Math.max(minRefresh, ttl * 1_000));
        expect(delay).toBeGreaterThanOrEqual(Math.min(maxRefresh, ttl * 1_000) * (1 - jitter));
        const least = refreshDelay(ttl, { minRefresh, maxRefresh, jitter }, 1);
        expect(delay).toBeGreaterThanOrEqual(least);
      }),
    );
  });
});

describe('retryDelay', () => {
  it.for([
    [1, 0, 1_000],
    [1, 1, 1_000],
    [2, 0, 2_000],
    [2, 1, 1_800],
    [5, 0, 16_000],
    [6, 0, 30_000],
    [100_000, 0, 30_000],
  ] as const)('after %d failures, with chance %d: %d ms', ([failed, chance, delay]) => {
    expect(retryDelay(failed, settings, chance)).toBeCloseTo(delay, 6);
  });

  it('stays within the bounds of a look-up', () => {
    expect(retryDelay(9, { ...settings, maxRefresh: 5_000 }, 0)).toBe(5_000);
    expect(retryDelay(1, { ...settings, minRefresh: 60_000 }, 1)).toBe(60_000);
  });
});
