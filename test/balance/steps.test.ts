import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../bench/herd/random.js';
import {
  chosenBy,
  leastLeased,
  random,
  roundRobin,
  twoChoices,
  type Balancer,
  type Load,
} from '../../src/balance/index.js';
import { Heap } from '../../src/balance/heap.js';
import { Counted } from './candidates.js';

const wholeArrayMethods = [
  ...([
    'indexOf',
    'includes',
    'find',
    'findIndex',
    'filter',
    'some',
    'every',
    'map',
    'forEach',
    'reduce',
  ] as const),
  ...(['splice', 'slice', 'shift', 'unshift', 'sort', 'concat', 'toSorted', 'toSpliced'] as const),
];

/** Does the work; gives the names of the methods that went through long arrays. */
function longWalks(work: () => void): string[] {
  const walks: string[] = [];
  const prototype = Array.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const originals = wholeArrayMethods.map((name) => [name, prototype[name] as never] as const);
  for (const [name, original] of originals) {
    prototype[name] = function watched(this: unknown[], ...args: unknown[]) {
      if (this.length > 1_000) walks[walks.length] = name;
      return Reflect.apply(original, this, args);
    };
  }
  try {
    work();
  } finally {
    for (const [name, original] of originals) prototype[name] = original;
  }
  return walks;
}

/** The most looks at candidates, and changes of them, that one operation takes among so many candidates. */
function mostTouches(balancer: Balancer, count: number): number {
  const picker = balancer.makePicker<Counted>();
  const all = Array.from({ length: count + 1 }, (_, number) => new Counted(number, number % 10));
  const [extra, ...members] = all as [Counted, ...Counted[]];
  for (const member of members) picker.add(member);
  const chance = seededRandom(1);
  const any = (): Counted => members[Math.floor(chance() * members.length)] as Counted;
  const operations: readonly (() => unknown)[] = [
    () => picker.pick(),
    () => picker.add(extra),
    () => picker.loadChanged?.(extra.group),
    () => picker.remove(extra),
  ];
  let most = 0;
  for (let round = 0; round < 500; round += 1) {
    const member = any();
    for (const operation of [...operations, () => picker.remove(member), () => picker.add(member)]) {
      Counted.touches = 0;
      operation();
      most = Math.max(most, Counted.touches);
    }
  }
  return most;
}

describe('among 10 000 connections', () => {
  const constantTime: readonly (readonly [string, Balancer, number])[] = [
    ['roundRobin', roundRobin(), 12],
    ['random', random(), 6],
    ['twoChoices', twoChoices(), 6],
    ['a function', chosenBy((list) => list.at(0)), 6],
  ];
  it.each(constantTime)(
    '%s takes constant time for a pick, and for who comes and goes',
    (_, balancer, limit) => {
      const touches: number[] = [];
      const walks = longWalks(() => {
        for (const count of [10, 10_000]) touches.push(mostTouches(balancer, count));
      });
      expect(touches[1]).toBeLessThanOrEqual(limit);
      expect(touches[1]).toBeLessThanOrEqual(touches[0] ?? 0);
      expect(walks).toEqual([]);
    },
  );

  it('leastLeased takes logarithmic time', () => {
    const touches: number[] = [];
    const walks = longWalks(() => {
      for (const count of [256, 10_000]) touches.push(mostTouches(leastLeased(), count));
    });
    // Two comparisons for each of the levels of the heap, with at most four looks at leases each.
    expect(touches[0]).toBeLessThanOrEqual(2 * 4 * 8 + 10);
    expect(touches[1]).toBeLessThanOrEqual(2 * 4 * 14 + 10);
    expect(walks).toEqual([]);
  });

  it('leastLeased takes constant time for all the connections of one endpoint', () => {
    const load: Load = { leases: 0, pending: 0 };
    const picker = leastLeased().makePicker<Counted>();
    const members = Array.from({ length: 10_000 }, (_, number) => {
      const member = new Counted(number);
      Object.defineProperty(member, 'group', { value: load });
      return member;
    });
    for (const member of members) picker.add(member);
    const some = members.slice(0, 100);
    Counted.touches = 0;
    const walks = longWalks(() => {
      for (const member of some) picker.remove(member);
      for (const _ of some) picker.pick();
      for (const member of some) picker.add(member);
    });
    expect(Counted.touches).toBeLessThanOrEqual(3 * some.length * 8);
    expect(walks).toEqual([]);
  });

  it('what goes through whole arrays would be seen', () => {
    const long = Array.from({ length: 2_000 }, (_, number) => number);
    expect(longWalks(() => void long.indexOf(5))).toEqual(['indexOf']);
    expect(longWalks(() => void long.splice(5, 1))).toEqual(['splice']);
  });
});

describe('a heap of 10 000 things', () => {
  it('compares two for each of its levels, at most', () => {
    const count = 10_000;
    let comparisons = 0;
    const heap = new Heap<{ value: number; index: number }>((a, b) => {
      comparisons += 1;
      return a.value < b.value;
    });
    const chance = seededRandom(2);
    const items = Array.from({ length: count }, () => ({ value: chance(), index: -1 }));
    for (const item of items) heap.add(item);
    let most = 0;
    const counting = (operation: () => void): void => {
      comparisons = 0;
      operation();
      most = Math.max(most, comparisons);
    };
    for (const item of items) {
      counting(() => {
        item.value = chance();
        heap.moved(item);
      });
      counting(() => heap.remove(item));
      counting(() => heap.add(item));
    }
    expect(most).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(count)) + 2);
    expect(most).toBeGreaterThan(10);
  });
});
