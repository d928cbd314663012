import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Deadlines, type Deadline } from '../../src/primitives/deadline.js';
import { useFakeTime } from '../support/fake-time.js';
import { activeResources } from '../support/fixtures.js';

beforeEach(() => useFakeTime());
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left').toBe(0);
  vi.useRealTimers();
});

/** Fake timers without a delay that are set while others fire. */
const late = 1;
const delay = fc.constantFrom(0, 1, 20, 500);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('set' as const), delay, isNested: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('cancel' as const), which: fc.nat(1_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({ verb: fc.constant('pass' as const), time: fc.constantFrom(1, 7, 20, 600) }),
  },
);

describe('deadlines', () => {
  test('come when they are due, unless they are cancelled, with one timer for each delay', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const deadlines = new Deadlines();
        const all: { deadline: Deadline; due: number; done?: number; isCancelled: boolean }[] = [];
        const set = (after: number, isNested: boolean): void => {
          const entry: (typeof all)[number] = {
            due: performance.now() + after,
            isCancelled: false,
            deadline: deadlines.set(after, true, () => {
              expect(entry.done, 'once').toBeUndefined();
              entry.done = performance.now();
              if (!isNested) return;
              // What a deadline does may end others, and begin new ones.
              for (const other of all.slice(0, 3)) cancel(other);
              set(after, false);
            }),
          };
          all.push(entry);
        };
        const cancel = (entry: (typeof all)[number]): void => {
          if (entry.done === undefined) entry.isCancelled = true;
          entry.deadline.cancel();
        };
        for (const each of steps) {
          if (each.verb === 'set') set(each.delay, each.isNested);
          else if (each.verb === 'pass') vi.advanceTimersByTime(each.time);
          else if (all.length > 0) cancel(all[each.which % all.length] as (typeof all)[number]);
          const pending = all.filter(({ deadline }) => !deadline.isOver);
          expect(vi.getTimerCount()).toBeLessThanOrEqual(4);
          if (pending.length === 0) expect(vi.getTimerCount()).toBe(0);
          for (const { due } of pending) expect(due).toBeGreaterThanOrEqual(performance.now() - late);
        }
        vi.advanceTimersByTime(2_000);
        for (const { due, done, isCancelled } of all) {
          expect(done === undefined).toBe(isCancelled);
          if (done === undefined) continue;
          expect(done).toBeGreaterThanOrEqual(due);
          expect(done).toBeLessThanOrEqual(due + late);
        }
      }),
    );
  });

  test('come although another throws', () => {
    const deadlines = new Deadlines();
    const seen: number[] = [];
    for (const each of [1, 2, 3]) {
      deadlines.set(10, true, () => {
        seen.push(each);
        if (each === 2) throw new Error('of a deadline');
      });
    }
    expect(() => vi.advanceTimersByTime(10)).toThrow('of a deadline');
    vi.advanceTimersByTime(1);
    expect(seen).toEqual([1, 2, 3]);
  });

  test('do not pile up when they are cancelled', () => {
    const deadlines = new Deadlines();
    const last = deadlines.set(1_000, true, () => {});
    const filter = vi.spyOn(Array.prototype, 'filter');
    const sizes: number[] = [];
    for (let time = 0; time < 1_000; time += 1) {
      deadlines.set(1_000, true, () => {}).cancel();
      for (const { length } of filter.mock.contexts as unknown[][]) sizes.push(length);
      filter.mockClear();
    }
    vi.restoreAllMocks();
    expect(sizes.length).toBeGreaterThan(5);
    expect(Math.max(...sizes)).toBeLessThan(100);
    last.cancel();
  });
});

describe('the program', () => {
  test('stays alive while one deadline wants it to', () => {
    vi.useRealTimers();
    const { Timeout: before = 0 } = activeResources();
    const busy = (): boolean => (activeResources()['Timeout'] ?? 0) > before;
    const deadlines = new Deadlines();
    const [first, second] = [deadlines.set(60_000, false, () => {}), deadlines.set(60_000, true, () => {})];
    expect(busy()).toBe(true);
    second.cancel();
    expect(busy()).toBe(false);
    first.keepAlive(true);
    expect(busy()).toBe(true);
    first.keepAlive(false);
    expect(busy()).toBe(false);
    const third = deadlines.set(60_000, true, () => {});
    expect(busy()).toBe(true);
    for (const each of [first, third]) each.cancel();
    expect(busy()).toBe(false);
    useFakeTime();
  });
});
