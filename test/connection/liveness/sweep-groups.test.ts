import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sweep, sweepPeriod } from '../../../src/connection/liveness/sweep.js';
import type { Watchdog, WatchdogLimits } from '../../../src/connection/liveness/watchdog.js';

/** A look each 64 ms; what is due runs at a multiple of 2 ms. */
const period = 64;

/** A watchdog that notes when it looks and acts, by the clock of its group. */
class NotedWatchdog {
  dueAt: number;
  readonly looks: number[] = [];
  readonly acts: number[] = [];
  readonly #then: (self: NotedWatchdog) => number | undefined;

  /** After an action, `then` gives the time of the next one. */
  constructor(dueAt = Infinity, then: (self: NotedWatchdog) => number | undefined = () => undefined) {
    this.dueAt = dueAt;
    this.#then = then;
  }

  look(now: number): void {
    this.looks.push(now);
  }

  act(now: number): void {
    this.acts.push(now);
    this.dueAt = this.#then(this) ?? Infinity;
  }
}

let sweep: Sweep;
/** The delays of the timers that were started, in order. */
let delays: (number | undefined)[];
/** How many actions waited for the poll of the event loop. */
let polls: number;
/** What waits for that poll. */
let waiting: (() => void)[];

function add(watchdog: NotedWatchdog, every = period): Watchdog {
  return sweep.add(every, () => watchdog as unknown as Watchdog);
}

function remove(watchdog: NotedWatchdog, every = period): void {
  sweep.delete(every, watchdog as unknown as Watchdog);
}

/** Does what waits for the poll of the event loop. */
function poll(): void {
  for (const act of waiting.splice(0)) act();
}

/** Lets time pass, with a poll after the timers of each millisecond. */
function advance(milliseconds: number): void {
  for (let passed = 0; passed < milliseconds; passed += 1) {
    vi.advanceTimersByTime(1);
    poll();
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  sweep = new Sweep();
  delays = [];
  polls = 0;
  waiting = [];
  const { setTimeout: start } = globalThis;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((fire: () => void, delay?: number) => {
    delays.push(delay);
    return start(fire, delay);
  }) as typeof setTimeout);
  vi.spyOn(globalThis, 'setImmediate').mockImplementation(((act: () => void) => {
    polls += 1;
    waiting.push(act);
  }) as typeof setImmediate);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('how often to look', () => {
  const never: WatchdogLimits = { interval: Infinity, timeout: Infinity, idle: Infinity };
  it.each<[limits: Partial<WatchdogLimits>, maxAge: number, period: number]>([
    [{ interval: 1_000, timeout: 1_500 }, Infinity, 112],
    [{ interval: 100, timeout: 100 }, Infinity, 40],
    [{ interval: 160, timeout: 5_000 }, Infinity, 80],
    [{ interval: 20, timeout: 20_000 }, Infinity, 48],
    [{ idle: 2_500 }, Infinity, 112],
    [{ interval: 10_000, timeout: 10_000, idle: 2_500 }, Infinity, 112],
    [{ interval: 10_000, timeout: 10_000 }, 2_500, 112],
    [{}, 100_000, 4_608],
    [{}, Number.MAX_VALUE, 100_663_296],
  ])('with the limits %j and the age %d: each %d ms', (limits, maxAge, expected) => {
    expect(sweepPeriod({ ...never, ...limits }, maxAge)).toBe(expected);
  });
});

describe('a sweep', () => {
  it('looks each period, and acts at the next moment, never early', () => {
    const watchdog = new NotedWatchdog(33);
    add(watchdog);
    advance(33);
    expect(watchdog.acts).toEqual([]);
    advance(1);
    expect(watchdog.acts).toEqual([34]);
    advance(2 * period - 34);
    expect(watchdog.looks).toEqual([period, 2 * period]);
    expect(watchdog.acts).toEqual([34]);
    expect(delays).toEqual([34, 30, period, period]);
    expect(polls).toBe(1);
  });

  it('finds at a look what is due before the next one', () => {
    const watchdog = new NotedWatchdog(period + 7);
    add(watchdog);
    const late = new NotedWatchdog(5 * period);
    add(late);
    advance(period + 8);
    expect(watchdog.acts).toEqual([period + 8]);
    advance(4 * period - 8);
    expect(late.acts).toEqual([5 * period]);
  });

  it('acts on time for what is due at a moment, and together for what is due at about the same time', () => {
    const exact = new NotedWatchdog(32);
    const early = new NotedWatchdog(33);
    const same = new NotedWatchdog(34);
    const later = new NotedWatchdog(35);
    for (const watchdog of [later, same, early, exact]) add(watchdog);
    advance(40);
    expect([exact.acts, early.acts, same.acts, later.acts]).toEqual([[32], [34], [34], [36]]);
    expect(polls).toBe(3);
  });

  it('acts again when that is due before the next look', () => {
    const times = [40, 2 * period + 5];
    const watchdog = new NotedWatchdog(33, () => times.shift());
    add(watchdog);
    advance(3 * period);
    expect(watchdog.acts).toEqual([34, 40, 2 * period + 6]);
  });

  it('acts after the poll: what has arrived is read first', () => {
    const watchdog = new NotedWatchdog(10);
    add(watchdog);
    vi.advanceTimersByTime(10);
    expect(watchdog.acts).toEqual([]);
    poll();
    expect(watchdog.acts).toEqual([10]);
  });

  it('sets its one timer anew only for what is due earlier', () => {
    add(new NotedWatchdog(33));
    expect(delays).toEqual([34]);
    advance(4);
    add(new NotedWatchdog(33));
    add(new NotedWatchdog(60));
    expect(delays).toEqual([34]);
    add(new NotedWatchdog(21));
    expect(delays).toEqual([34, 18]);
    expect(vi.getTimerCount()).toBe(1);
    advance(18);
    expect(delays).toEqual([34, 18, 12]);
  });

  it('waits at least a millisecond for what is overdue', () => {
    const watchdog = new NotedWatchdog(-5);
    add(watchdog);
    expect(delays).toEqual([1]);
    advance(1);
    expect(watchdog.acts).toEqual([1]);
  });

  it('runs watchdogs of several periods', () => {
    const often = new NotedWatchdog();
    const seldom = new NotedWatchdog();
    add(seldom, 4 * period);
    add(often);
    advance(4 * period);
    expect(often.looks).toEqual([period, 2 * period, 3 * period, 4 * period]);
    expect(seldom.looks).toEqual([4 * period]);
    remove(seldom, 4 * period);
    advance(4 * period);
    expect(seldom.looks).toHaveLength(1);
    expect(often.looks).toHaveLength(8);
  });

  it('does not keep the process alive', () => {
    const start = vi.mocked(setTimeout);
    add(new NotedWatchdog(10));
    const [timer] = start.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(timer?.hasRef()).toBe(false);
  });

  it('begins a watchdog at the time of its group', () => {
    const begun: number[] = [];
    const begin = (now: number): Watchdog => {
      begun.push(now);
      return new NotedWatchdog() as unknown as Watchdog;
    };
    sweep.add(period, begin);
    advance(20);
    sweep.add(period, begin);
    advance(period);
    sweep.add(period, begin);
    expect(begun).toEqual([0, 20, 84]);
  });

  it('counts a look that comes much too late as a little late', () => {
    const watchdog = new NotedWatchdog(10_000);
    add(watchdog);
    const clock = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => clock() + 20_000);
    advance(period);
    expect(watchdog.looks).toEqual([2 * period]);
    expect(watchdog.acts).toEqual([]);
    // From there the clock goes on as usual.
    advance(period);
    expect(watchdog.looks).toEqual([2 * period, 3 * period]);
  });
});

describe('a watchdog that is deleted', () => {
  it('does nothing any more, and its time wakes nobody', () => {
    const deleted = new NotedWatchdog(50);
    const other = new NotedWatchdog(33);
    add(deleted);
    add(other);
    remove(deleted);
    advance(period);
    expect(delays).toEqual([50, 34, 30, period]);
    expect(deleted).toMatchObject({ looks: [], acts: [] });
    expect(other).toMatchObject({ looks: [period], acts: [34] });
  });

  it('by another that acts in the same turn does not act', () => {
    const second = new NotedWatchdog(33);
    const first = new NotedWatchdog(33, () => (remove(second), undefined));
    add(first);
    add(second);
    advance(period);
    expect(first.acts).toEqual([34]);
    expect(second.acts).toEqual([]);
  });

  it('by its own action is not expected again', () => {
    const ended = new NotedWatchdog(33, (self) => (remove(self), 35));
    add(ended);
    add(new NotedWatchdog());
    advance(2 * period);
    expect(ended.acts).toEqual([34]);
    expect(delays).toEqual([34, 30, period, period]);
  });

  it('leaves no timer if it was the last, also by its own action', () => {
    const watchdog = new NotedWatchdog(33);
    add(watchdog);
    expect(vi.getTimerCount()).toBe(1);
    remove(watchdog);
    expect(vi.getTimerCount()).toBe(0);
    add(new NotedWatchdog(33, (self) => (remove(self), 35)));
    advance(40);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves the timer of others', () => {
    const watchdog = new NotedWatchdog();
    const other = new NotedWatchdog();
    add(watchdog);
    add(other, 2 * period);
    remove(watchdog);
    advance(2 * period);
    expect(other.looks).toEqual([2 * period]);
  });

  it('may be unknown', () => {
    add(new NotedWatchdog());
    expect(() => remove(new NotedWatchdog(), 7)).not.toThrow();
    expect(() => remove(new NotedWatchdog())).not.toThrow();
    expect(vi.getTimerCount()).toBe(1);
  });

  it('ends its group, so that the next one begins anew', () => {
    const watchdog = new NotedWatchdog();
    add(watchdog);
    advance(2 * period);
    remove(watchdog);
    const next = new NotedWatchdog(5);
    add(next);
    advance(period);
    expect(next).toMatchObject({ looks: [period], acts: [6] });
  });
});
