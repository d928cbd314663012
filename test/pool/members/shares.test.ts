import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/herd/random.js';
import type { Balancer } from '../../../src/balance/index.js';
import { leastLeasedBy } from '../../../src/balance/least-leased.js';
import { randomBy } from '../../../src/balance/random.js';
import { roundRobinBy } from '../../../src/balance/round-robin.js';
import { twoChoicesBy } from '../../../src/balance/two-choices.js';
import type { DiscoveredEndpoint } from '../../../src/index.js';
import { ownOrder } from '../../../src/pool/following/ranks.js';
import { Fit } from '../../balance/chi-squared.js';
import { PretendedRoster, type PretendedMember } from './pretended-roster.js';

const picks = 100_000;

const balancers: readonly (readonly [name: string, make: (seed: number) => Balancer])[] = [
  ['roundRobin', (seed) => roundRobinBy(seededRandom(seed))],
  ['random', (seed) => randomBy(seededRandom(seed))],
  ['leastLeased', (seed) => leastLeasedBy(seededRandom(seed))],
  ['twoChoices', (seed) => twoChoicesBy(seededRandom(seed))],
  ['twoChoices by a load of its own', (seed) => twoChoicesBy(seededRandom(seed), () => 0)],
];

function endpoints(weights: readonly number[], priority: number = 0): DiscoveredEndpoint[] {
  return weights.map((weight, index) => ({ host: `h${index}`, port: 1, weight, priority }));
}

function rosterOf(balancer: Balancer, weights: readonly number[], perEndpoint: number): PretendedRoster {
  const roster = new PretendedRoster(balancer);
  roster.follow(endpoints(weights), perEndpoint);
  return roster;
}

/** The part of the leases that a host gets while so many are held at a time, the oldest of which ends first. */
function shareOfLeases(roster: PretendedRoster, host: string, held: number): number {
  const leases: PretendedMember[] = [];
  let found = 0;
  for (let count = 0; count < 20_000; count += 1) {
    if (leases.length === held) roster.giveBack(leases.shift() as PretendedMember);
    const member = roster.pickMember() as PretendedMember;
    if (member.host === host) found += 1;
    roster.lend(member);
    leases.push(member);
  }
  return found / 20_000;
}

describe.each(balancers)('%s', (_, make) => {
  it.each([1, 4, 10])(
    'gives the weights 90, 10 and 0 their shares, with %i connections each',
    (perEndpoint) => {
      const counts = rosterOf(make(1), [90, 10, 0], perEndpoint).count(picks);
      expect(counts.get('h0')).toBeGreaterThan(0.895 * picks);
      expect(counts.get('h1')).toBeGreaterThan(0.095 * picks);
      expect(counts.get('h2')).toBeUndefined();
    },
  );

  it.each([
    [[1, 2, 3, 4, 5]],
    [[100, 1, 50, 49, 2, 2]],
    [[0.5, 0.25, 0.25, 3]],
    [[65_535, 65_534, 1]],
    [[7, 7, 7]],
    [[0, 0]],
  ])('gives weights like %j their shares', (weights) => {
    const roster = rosterOf(make(2), weights, 2);
    const sum = weights.reduce((a, b) => a + b, 0);
    const fit = new Fit();
    for (const [index, weight] of weights.entries()) {
      const share = sum > 0 ? weight / sum : 1 / weights.length;
      fit.expect(index, 20_000 * share);
    }
    for (const [host, count] of roster.count(20_000)) {
      for (let pick = 0; pick < count; pick += 1) fit.observe(Number(host.slice(1)));
    }
    fit.expectGood();
  });

  it('follows when weights change, come and go', () => {
    const roster = rosterOf(make(3), [1, 1], 4);
    for (const [weights, share] of [
      [[3, 1], 0.75],
      [[1, 1], 0.5],
      [[1, 9], 0.1],
    ] as const) {
      roster.follow(endpoints(weights), 4);
      expect((roster.count(10_000).get('h0') ?? 0) / 10_000).toBeCloseTo(share, 1.5);
    }
  });

  it('gives a server with the weight 0 something only while no other one is free', () => {
    const roster = rosterOf(make(4), [1, 0], 1);
    const member = roster.pickMember() as PretendedMember;
    roster.lend(member);
    expect(roster.pick()).toBe('h1');
    roster.giveBack(member);
    expect(roster.count(100).get('h0')).toBe(100);
    roster.set('h0', 'waiting');
    expect(roster.pick()).toBe('h1');
    roster.set('h0', 'ready');
    expect(roster.pick()).toBe('h0');
  });

  it('does not begin with the same server in each program', () => {
    const fit = new Fit();
    for (let index = 0; index < 5; index += 1) fit.expect(index, 120);
    for (let seed = 1; seed <= 600; seed += 1) {
      const host = rosterOf(make(1_000_003 * seed), [1, 1, 1, 1, 1], 2).pick() ?? '';
      fit.observe(Number(host.slice(1)));
    }
    fit.expectGood();
  });
});

describe('leases by weight', () => {
  it.each([1, 2, 5, 9])('leastLeased gives 90 and 10 their shares while %i are held', (held) => {
    const share = shareOfLeases(rosterOf(leastLeasedBy(seededRandom(5)), [90, 10], 10), 'h1', held);
    expect(share).toBeGreaterThan(0.07);
    expect(share).toBeLessThan(0.13);
  });

  it('roundRobin does so with a connection to each', () => {
    const share = shareOfLeases(rosterOf(roundRobinBy(seededRandom(6)), [90, 10], 1), 'h1', 1);
    expect(share).toBeCloseTo(0.1, 2);
  });
});

/** The most picks of one host in a row. */
function longestRun(roster: PretendedRoster, host: string, count: number): number {
  let [run, longest] = [0, 0];
  for (let pick = 0; pick < count; pick += 1) {
    run = roster.pick() === host ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

describe('roundRobin', () => {
  it('mixes weights evenly', () => {
    const roster = rosterOf(roundRobinBy(seededRandom(7)), [5, 1, 1], 3);
    expect(longestRun(roster, 'h0', 10_000)).toBeLessThanOrEqual(4);
    expect(longestRun(roster, 'h1', 10_000)).toBe(1);
  });

  it.each([
    [[1, 1, 1, 1], 8],
    [[4, 3, 2, 1], 8],
    [[1, 1], 4],
  ])('has no run of a server that has come back, by weights %j', (weights, perEndpoint) => {
    const roster = rosterOf(roundRobinBy(seededRandom(8)), weights, perEndpoint);
    const last = `h${weights.length - 1}`;
    roster.set(last, 'waiting');
    roster.count(13);
    roster.set(last, 'ready');
    expect(longestRun(roster, last, 200)).toBe(1);
  });
});

describe('the order in which a program dials', () => {
  it('begins with each endpoint in as many programs, and dials each once before any a second time', () => {
    const list = endpoints([1, 1, 1, 1, 1]);
    const open = list.flatMap((endpoint) => [endpoint, endpoint]);
    const fit = new Fit();
    for (let index = 0; index < 5; index += 1) fit.expect(index, 120);
    for (let seed = 1; seed <= 600; seed += 1) {
      const order = ownOrder(open, seed).map((index) => Math.floor(index / 2));
      expect(new Set(order.slice(0, 5)).size).toBe(5);
      expect(order.slice(5)).toEqual(order.slice(0, 5));
      fit.observe(order[0] ?? -1);
    }
    fit.expectGood();
  });
});
