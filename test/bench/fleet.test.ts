import { describe, expect, it } from 'vitest';
import { gated, measureFleet, ungated } from '../../bench/herd/fleet.js';
import { dialTime, GatedProgram } from '../../bench/herd/gated.js';
import { ours, type Policy } from '../../bench/herd/policies.js';
import { seededRandom } from '../../bench/herd/random.js';
import { dialTimes } from '../../bench/herd/simulate.js';
import { constant } from '../../src/backoff/index.js';

const everySecond: Policy = { name: 'every second', first: () => constant(1_000) };
const fleet = { programs: 50, connections: 100, outage: 60_000 };

describe('a simulated program whose connections share a gate', () => {
  it('dials once per wait until the server is back, then in a doubling window', () => {
    const { dials, backs } = new GatedProgram(everySecond, 8, Math.random).run(2_500);
    const back = 3_002;
    expect(dials).toEqual([1_000, 2_001, back, ...[6, 6, 9, 9, 9, 9, 10.5].map((after) => back + after)]);
    expect(backs).toEqual(dials.slice(2).map((time) => time + dialTime));
  });

  it('dials as often in an outage as a single connection does', () => {
    const { dials } = new GatedProgram(ours(), 100, seededRandom(3)).run(60_000);
    const alone = dialTimes(ours(), 60_000, seededRandom(3));
    expect(dials.length).toBeGreaterThanOrEqual(alone.length + 98);
    expect(dials.length).toBeLessThanOrEqual(alone.length + 99);
  });
});

describe('a simulated fleet', () => {
  it('spares the server with the gate, and is back as early', () => {
    const withGate = measureFleet(gated, ours(), fleet, seededRandom(1));
    const without = measureFleet(ungated, ours(), fleet, seededRandom(1));
    expect(withGate.attemptsMean * 10).toBeLessThan(without.attemptsMean);
    expect(withGate.worstShare * 2).toBeLessThan(without.worstShare);
    expect(withGate.shareInOutage * 20).toBeLessThan(without.shareInOutage);
    expect(withGate.recoveryP99).toBeLessThan(without.recoveryP99 * 1.15);
    expect(withGate.spreadP50).toBeLessThan(50);
    expect(without.spreadP50).toBeGreaterThan(5_000);
  });

  it('counts dials in parts of all connections', () => {
    const measured = measureFleet(
      ungated,
      everySecond,
      { programs: 2, connections: 3, outage: 1_500 },
      Math.random,
    );
    expect(measured).toEqual({
      attemptsMean: 6,
      worstShare: 1,
      shareInOutage: 1,
      shareAfterReturn: 1,
      firstP50: 500 + dialTime,
      recoveryP99: 500 + dialTime,
      spreadP50: 0,
    });
  });
});
