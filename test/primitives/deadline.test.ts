import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { extensionOf, startDeadline, stopDeadline } from '../../src/primitives/deadline.js';

let time = 0;
let fired = 0;
const fire = (): void => void (fired += 1);

beforeEach(() => {
  [time, fired] = [1_000, 0];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'Date'] });
  vi.spyOn(performance, 'now').mockImplementation(() => time);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Lets so much time pass, and runs what is due next: a timer, or what waits for the end of a poll. */
function ringAfter(milliseconds: number): void {
  time += milliseconds;
  vi.advanceTimersToNextTimer();
}

const poll = (): void => ringAfter(0);

describe('an extension', () => {
  test.each([
    { late: -1, spare: 300, extension: 0 },
    { late: 2, spare: 300, extension: 0 },
    { late: 3, spare: 300, extension: 3 },
    { late: 200, spare: 300, extension: 200 },
    { late: 1_700, spare: 300, extension: 300 },
    { late: 1_700, spare: 0, extension: 0 },
  ])('is $extension for a ring that is late by $late, with $spare to spare', (each) => {
    expect(extensionOf(each.late, each.spare)).toBe(each.extension);
  });
});

describe('a deadline', () => {
  test('is judged after the poll that follows its ring', () => {
    startDeadline(300, true, fire);
    ringAfter(300);
    expect(fired).toBe(0);
    poll();
    expect(fired).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('gives as much more as its ring is late', () => {
    startDeadline(300, true, fire);
    const begun = Date.now();
    ringAfter(500);
    poll();
    expect(Date.now() - begun).toBe(500);
    expect(fired).toBe(0);
  });

  test('gives at most one whole timeout more', () => {
    startDeadline(300, true, fire);
    ringAfter(2_000);
    ringAfter(300);
    expect(fired).toBe(0);
    poll();
    expect(fired).toBe(1);
  });

  test('gives at most one whole timeout more in all, and one more poll', () => {
    startDeadline(300, true, fire);
    ringAfter(400);
    ringAfter(100 + 150);
    ringAfter(150 + 500);
    expect(vi.getTimerCount()).toBe(1);
    ringAfter(50 + 5_000);
    expect(fired).toBe(0);
    poll();
    expect(fired).toBe(1);
  });

  test('gives more where the poll itself has blocked the event loop', () => {
    startDeadline(300, true, fire);
    ringAfter(300);
    ringAfter(100);
    expect(fired).toBe(0);
    ringAfter(100);
    poll();
    expect(fired).toBe(1);
  });

  test.each([
    { when: 'before its ring', until: 0 },
    { when: 'in its poll', until: 1 },
    { when: 'while it is extended', until: 2 },
  ])('that is stopped $when never fires', ({ until }) => {
    const deadline = startDeadline(300, true, fire);
    if (until === 1) ringAfter(300);
    if (until === 2) ringAfter(500);
    stopDeadline(deadline);
    stopDeadline(deadline);
    expect(vi.getTimerCount()).toBe(0);
    expect(fired).toBe(0);
  });

  test('may be stopped when it has fired, or was never begun', () => {
    const deadline = startDeadline(1, true, fire);
    ringAfter(1);
    poll();
    stopDeadline(deadline);
    stopDeadline(undefined);
    expect(fired).toBe(1);
  });

  test('keeps the process alive as long as it is to, also while it is extended', () => {
    const timers: { hasRef(): boolean }[] = [];
    const start = globalThis.setTimeout;
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((...args: Parameters<typeof start>) => {
      const timer = start(...args);
      timers.push(timer);
      return timer;
    }) as typeof start);
    const keepsAlive = (): unknown => timers.at(-1)?.hasRef();
    const deadline = startDeadline(300, false, fire);
    expect(keepsAlive()).toBe(false);
    ringAfter(400);
    expect([timers.length, keepsAlive()]).toEqual([2, false]);
    deadline.ref();
    expect(keepsAlive()).toBe(true);
    ringAfter(150);
    expect([timers.length, keepsAlive()]).toEqual([3, true]);
    deadline.unref();
    expect(keepsAlive()).toBe(false);
    ringAfter(50);
    deadline.ref();
    deadline.unref();
    poll();
    expect(fired).toBe(1);
  });
});
