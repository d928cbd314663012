import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Expiry } from '../../src/requests/expiry.js';
import { ByKey, InOrder, Request } from '../../src/requests/request.js';
import { useFakeTime } from '../support/fake-time.js';

function request(timeout: number, key?: unknown): Request<string> {
  return new Request<string>(key, timeout);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

beforeEach(useFakeTime);
afterEach(() => vi.useRealTimers());

test('deadlines are judged after a poll', async () => {
  const one = request(100);
  const overdue = vi.fn<(requests: readonly Request<string>[]) => void>();
  const expiry = new Expiry(() => [one], overdue);
  expiry.expect(one.deadline, performance.now());
  vi.advanceTimersByTime(100);
  expect(overdue).not.toHaveBeenCalled();
  await turn();
  expect(overdue).toHaveBeenCalledExactlyOnceWith([one]);
  expect(vi.getTimerCount()).toBe(0);
});

test('one timer serves all, and rings no more than once in 5 ms', async () => {
  const requests = Array.from({ length: 50 }, (_, index) => request(100 + index));
  const overdue = vi.fn<(requests: readonly Request<string>[]) => void>((due) => {
    for (const each of due) requests.splice(requests.indexOf(each), 1);
  });
  const expiry = new Expiry(() => requests, overdue);
  for (const each of requests.toReversed()) expiry.expect(each.deadline, performance.now());
  expect(vi.getTimerCount()).toBe(1);
  for (let passed = 0; passed < 160; passed += 1) {
    vi.advanceTimersByTime(1);
    // oxlint-disable-next-line no-await-in-loop
    await turn();
    for (const { deadline } of requests) expect(performance.now()).toBeLessThan(deadline + 5);
  }
  expect(requests).toEqual([]);
  expect(overdue).toHaveBeenCalledTimes(11);
});

test('a ring that is late gives as much more, at most the timeout once', async () => {
  const one = request(100);
  const overdue = vi.fn<() => void>();
  const expiry = new Expiry(() => [one], overdue);
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
  const one = request(100);
  const expiry = new Expiry(() => [one], overdue);
  expiry.expect(100, 0);
  vi.advanceTimersByTime(100);
  expiry.expect(1_000, 100);
  expiry.stop();
  await turn();
  expect(overdue).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test('requests in order: first come, first served, and the place of one that was not sent is closed', () => {
  const book = new InOrder<string>();
  const [a, b, c, d] = [request(1), request(2), request(3), request(4)];
  for (const each of [a, b, c]) book.add(each);
  book.remove(b);
  expect([...book]).toEqual([a, c]);
  expect([book.size, book.first]).toEqual([2, a]);
  book.remove(c);
  book.add(d);
  expect([book.take(), book.take(), book.take()]).toEqual([a, d, undefined]);
  book.add(a);
  expect([book.size, book.take(), book.size]).toEqual([1, a, 0]);
});

test('requests by key: one that was not sent makes no other disappear', () => {
  const book = new ByKey<string>();
  const [unsent, other] = [request(1, 'k'), request(1, 'k')];
  book.add(unsent);
  expect(book.take('k')).toBe(unsent);
  book.add(other);
  book.remove(unsent);
  expect(book.take('k')).toBe(other);
});
