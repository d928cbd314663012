import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Expiry, type Expiring } from '../../src/primitives/expiry.js';
import { useFakeTime } from '../support/fake-time.js';

function item(timeout: number): Expiring {
  return { deadline: performance.now() + timeout, spare: timeout };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

beforeEach(useFakeTime);
afterEach(() => vi.useRealTimers());

test('deadlines are judged after a poll', async () => {
  const one = item(100);
  const overdue = vi.fn<(items: readonly Expiring[]) => void>();
  const expiry = new Expiry({ items: () => [one], overdue });
  expiry.expect(one.deadline, performance.now());
  vi.advanceTimersByTime(100);
  expect(overdue).not.toHaveBeenCalled();
  await turn();
  expect(overdue).toHaveBeenCalledExactlyOnceWith([one]);
  expect(vi.getTimerCount()).toBe(0);
});

test('one timer serves all, and rings no more than once in 5 ms', async () => {
  const items = Array.from({ length: 50 }, (_, index) => item(100 + index));
  const overdue = vi.fn<(items: readonly Expiring[]) => void>((due) => {
    for (const each of due) items.splice(items.indexOf(each), 1);
  });
  const expiry = new Expiry({ items: () => items, overdue });
  for (const each of items.toReversed()) expiry.expect(each.deadline, performance.now());
  expect(vi.getTimerCount()).toBe(1);
  for (let passed = 0; passed < 160; passed += 1) {
    vi.advanceTimersByTime(1);
    // oxlint-disable-next-line no-await-in-loop
    await turn();
    for (const { deadline } of items) expect(performance.now()).toBeLessThan(deadline + 5);
  }
  expect(items).toEqual([]);
  expect(overdue).toHaveBeenCalledTimes(11);
});

test('a ring that is late gives as much more, at most the timeout once', async () => {
  const one = item(100);
  const overdue = vi.fn<() => void>();
  const expiry = new Expiry({ items: () => [one], overdue });
  expiry.expect(one.deadline, 0);
  // The clock goes on while no timer rings: the event loop is blocked.
  vi.setTimerTickMode('manual');
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 160);
  vi.advanceTimersByTime(100);
  await turn();
  expect(overdue).not.toHaveBeenCalled();
  expect([one.deadline, one.spare]).toEqual([220, 40]);
  clock.mockReturnValue(900);
  vi.advanceTimersByTime(60);
  await turn();
  expect([one.deadline, one.spare]).toEqual([940, 0]);
  clock.mockReturnValue(2_000);
  vi.advanceTimersByTime(40);
  await turn();
  expect(overdue).toHaveBeenCalledTimes(1);
});

test('stop() stops the timer, and what waits for the poll', async () => {
  const overdue = vi.fn<() => void>();
  const one = item(100);
  const expiry = new Expiry({ items: () => [one], overdue });
  expiry.expect(100, 0);
  vi.advanceTimersByTime(100);
  expiry.expect(1_000, 100);
  expiry.stop();
  await turn();
  expect(overdue).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
