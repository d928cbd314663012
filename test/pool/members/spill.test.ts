import { array, assert, constant, double, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../bench/herd/random.js';
import { roundRobin } from '../../../src/balance/index.js';
import { roundRobinBy } from '../../../src/balance/round-robin.js';
import type { DiscoveredEndpoint } from '../../../src/index.js';
import { shareOut, type SpillingTier } from '../../../src/pool/members/spill.js';
import { PretendedRoster } from './pretended-roster.js';

const tiersOf = (coverages: readonly number[]): SpillingTier[] =>
  coverages.map((coverage) => ({ coverage, share: 0, credit: 0 }));

function sharesOf(coverages: readonly number[], spill: number): number[] {
  const tiers = tiersOf(coverages);
  shareOut(tiers, spill);
  return tiers.map(({ share }) => share);
}

/** Five servers of each priority; the backups have their own names. */
function fives(...names: string[]): DiscoveredEndpoint[] {
  return names.flatMap((name, priority) =>
    [0, 1, 2, 3, 4].map((index) => ({ host: `${name}${index}`, port: 1, priority })),
  );
}

/** The part of the picks that each group of five gets. */
function partOf(roster: PretendedRoster, name: string): number {
  let found = 0;
  for (const [host, count] of roster.count(10_000)) if (host.startsWith(name)) found += count;
  return found / 10_000;
}

function rosterOf(spill: number | undefined, snapshot: readonly DiscoveredEndpoint[]): PretendedRoster {
  const roster = new PretendedRoster(roundRobinBy(seededRandom(1)), spill);
  roster.follow(snapshot, 2);
  return roster;
}

describe('the shares of priorities', () => {
  it.each([
    [[1, 1], 0.7, [1, 0]],
    [[0.7, 1], 0.7, [1, 0]],
    [[0.2, 1], 0.8, [0.25, 0.75]],
    [[0, 1], 0.5, [0, 1]],
    [[0.2, 0.4, 1], 1, [0.2, 0.4, 0.4]],
    [[0.2, 0.2], 1, [0.5, 0.5]],
    [[0, 0], 0.7, [0, 0]],
    [[0.5], 1, [1]],
  ])('of which %j is ready, with spill %d, are %j', (coverages, spill, expected) => {
    for (const [index, share] of sharesOf(coverages, spill).entries()) {
      expect(share).toBeCloseTo(expected[index] ?? 0, 10);
    }
  });

  it('are all of the load, none of it for what is not ready, and none of it later than necessary', () => {
    const coverage = oneof(constant(0), constant(1), double({ min: 0.001, max: 1, noNaN: true }));
    const spills = double({ min: 0.01, max: 1, noNaN: true });
    assert(
      property(array(coverage, { minLength: 1, maxLength: 5 }), spills, (coverages, spill) => {
        const shares = sharesOf(coverages, spill);
        const isUp = coverages.some((each) => each > 0);
        expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(isUp ? 1 : 0, 6);
        for (const [index, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(0);
          if (coverages[index] === 0) expect(share).toBe(0);
          if (coverages.slice(0, index).some((each) => each >= spill)) expect(share).toBe(0);
        }
      }),
    );
  });
});

describe('a pool with backups, of whose five primaries one is left', () => {
  function oneLeft(spill?: number): PretendedRoster {
    const roster = rosterOf(spill, fives('primary', 'backup'));
    for (const index of [1, 2, 3, 4]) roster.set(`primary${index}`, 'waiting');
    return roster;
  }

  it('sends everything to that one without spill', () => {
    expect(partOf(oneLeft(), 'primary')).toBe(1);
  });

  it('sends the rest to the backups with spill, evenly', () => {
    const roster = oneLeft(0.8);
    expect(partOf(roster, 'primary')).toBeCloseTo(0.25, 3);
    const counts = roster.count(10_000);
    for (const index of [0, 1, 2, 3, 4]) expect(counts.get(`backup${index}`)).toBeCloseTo(1_500, -1);
  });

  it('goes back when enough of them are', () => {
    const roster = oneLeft(0.6);
    roster.set('primary1', 'ready');
    expect(partOf(roster, 'primary')).toBeCloseTo(2 / 3, 3);
    roster.set('primary2', 'ready');
    expect(partOf(roster, 'primary')).toBe(1);
  });

  it('counts what discovery wants, also where the pool has no connection', () => {
    const roster = oneLeft(0.8);
    for (const index of [1, 2, 3, 4]) roster.set(`primary${index}`, 'closed');
    expect(partOf(roster, 'primary')).toBeCloseTo(0.25, 3);
  });

  it('counts by weight', () => {
    const snapshot = [
      { host: 'primary0', port: 1, weight: 90 },
      { host: 'primary1', port: 1, weight: 10 },
      { host: 'backup0', port: 1, priority: 1 },
    ];
    const roster = rosterOf(1, snapshot);
    roster.set('primary0', 'waiting');
    expect(partOf(roster, 'primary')).toBeCloseTo(0.1, 3);
    roster.set('primary0', 'ready');
    roster.set('primary1', 'waiting');
    expect(partOf(roster, 'primary')).toBeCloseTo(0.9, 3);
  });

  it('lends of the backups where all of the primaries that are left are lent', () => {
    const roster = oneLeft(0.8);
    const lent = new Set<string>();
    for (let count = 0; count < 12; count += 1) {
      const member = roster.pickMember();
      if (!member) continue;
      roster.lend(member);
      lent.add(member.host);
    }
    expect(lent).toEqual(new Set(['primary0', ...[0, 1, 2, 3, 4].map((index) => `backup${index}`)]));
  });
});

describe('a list that is replaced as a whole', () => {
  it('keeps the old servers until the part of the new ones is ready that spill asks for', () => {
    const roster = rosterOf(0.6, fives('blue'));
    const green = fives('green');
    roster.follow(green, 2);
    for (const { host = '' } of green) roster.set(host, 'waiting');
    const covered = green.map(({ host = '' }) => {
      expect(partOf(roster, 'blue')).toBeGreaterThan(0.4);
      roster.set(host, 'ready');
      return roster.isCovered;
    });
    expect(covered).toEqual([false, false, true, true, true]);
  });

  it('does not send the load to the backups meanwhile', () => {
    const roster = rosterOf(0.6, [...fives('blue'), { host: 'backup', port: 1, priority: 1 }]);
    const next = [...fives('green'), { host: 'backup', port: 1, priority: 1 }];
    roster.follow(next, 2);
    for (const { host = '' } of fives('green')) roster.set(host, 'waiting');
    expect(partOf(roster, 'blue')).toBe(1);
  });
});

describe('keys', () => {
  const keys = Array.from({ length: 4_000 }, (_, index) => `user:${index}`);
  const placesOf = (roster: PretendedRoster): (string | undefined)[] => keys.map((key) => roster.pick(key));
  const moved = (before: readonly unknown[], after: readonly unknown[]): number =>
    before.filter((place, index) => place !== after[index]).length / before.length;

  it.each([1, 3])(
    'of one server out of five move when it goes, and come back, with %i connections',
    (count) => {
      const roster = new PretendedRoster(roundRobin());
      roster.follow(fives('s'), count);
      const before = placesOf(roster);
      expect(placesOf(roster)).toEqual(before);
      for (const { host = '' } of fives('s')) {
        roster.set(host, 'waiting');
        const after = placesOf(roster);
        expect(moved(before, after)).toBeLessThanOrEqual(0.21);
        expect(after.filter((place, index) => place !== before[index] && before[index] !== host)).toEqual([]);
        roster.set(host, 'ready');
        expect(placesOf(roster)).toEqual(before);
      }
    },
  );

  it('have the same place in all programs, and for all balancers', () => {
    const [one, other] = [roundRobin(), roundRobinBy(() => 0)].map((balancer, index) => {
      const roster = new PretendedRoster(balancer);
      roster.follow(index === 0 ? fives('s') : fives('s').toReversed(), 1 + index);
      return placesOf(roster);
    });
    expect(one).toEqual(other);
  });

  it('are spread by weight', () => {
    const roster = new PretendedRoster(roundRobin());
    roster.follow([3, 1, 0].map((weight, index) => ({ host: `s${index}`, port: 1, weight })));
    const places = placesOf(roster);
    expect(places.filter((place) => place === 's0').length / keys.length).toBeCloseTo(0.75, 1);
    expect(places).not.toContain('s2');
  });

  it('go to the next server while all connections of theirs are lent', () => {
    const roster = new PretendedRoster(roundRobin());
    roster.follow(fives('s'));
    const member = roster.pickMember('a');
    if (member) roster.lend(member);
    expect(roster.pick('a')).not.toBe(member?.host);
    if (member) roster.giveBack(member);
    expect(roster.pick('a')).toBe(member?.host);
  });

  it('stay with the primaries as far as these are there, with spill', () => {
    const roster = new PretendedRoster(roundRobin(), 1);
    roster.follow(fives('primary', 'backup'));
    const before = placesOf(roster);
    roster.set('primary0', 'waiting');
    const after = placesOf(roster);
    expect(after.filter((place) => place?.startsWith('backup')).length / keys.length).toBeCloseTo(0.2, 1);
    expect(moved(before, after)).toBeLessThan(0.4);
    roster.set('primary0', 'ready');
    expect(placesOf(roster)).toEqual(before);
  });
});
