import { expect, test } from 'vitest';
import { constant, OptionError, type Backoff } from '../../src/index.js';
import { nextWait } from '../../src/gate/next-wait.js';

const none = (): Backoff => expect.unreachable();

test('a backoff that cannot be begun waits one second, and is begun again', () => {
  const errors: unknown[] = [];
  const cause = new Error('no chance');
  const fails = (): Backoff => {
    throw cause;
  };
  expect(nextWait(undefined, fails, (error) => errors.push(error))).toEqual({ delay: 1_000 });
  expect(errors).toEqual([cause]);
  const after = constant(2);
  const begins = (): Backoff => ({ delay: 1, next: () => after });
  expect(nextWait(undefined, begins, () => expect.unreachable())).toEqual({ delay: 1, backoff: after });
});

test('the wait is what the backoff says, asked once', () => {
  let reads = 0;
  const after = constant(7);
  const backoff: Backoff = {
    get delay() {
      reads += 1;
      return reads * 5;
    },
    next: () => after,
  };
  expect(nextWait(backoff, none, () => expect.unreachable())).toEqual({ delay: 5, backoff: after });
  expect(reads).toBe(1);
});

test('a backoff without a valid delay waits one second, and is asked again', () => {
  const errors: unknown[] = [];
  for (const delay of [Number.NaN, -1, Infinity, 2 ** 31, '5']) {
    const backoff = { delay, next: () => constant(1) } as Backoff;
    expect(nextWait(backoff, none, (error) => errors.push(error))).toEqual({ delay: 1_000, backoff });
  }
  expect(errors).toHaveLength(5);
  for (const error of errors) expect(error).toBeInstanceOf(OptionError);
});

test('a backoff whose next() throws keeps its delay, and is asked again', () => {
  const errors: unknown[] = [];
  const cause = new Error('no more');
  const backoff: Backoff = {
    delay: 5,
    next: () => {
      throw cause;
    },
  };
  expect(nextWait(backoff, none, (error) => errors.push(error))).toEqual({ delay: 5, backoff });
  expect(errors).toEqual([cause]);
});
