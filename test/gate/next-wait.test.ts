import { expect, test } from 'vitest';
import { constant, OptionError, type Backoff } from '../../src/index.js';
import { nextWait } from '../../src/gate/next-wait.js';

const none = (): Backoff => expect.unreachable();

test('a backoff that cannot be begun waits one second, and is begun again', () => {
  const cause = new Error('no chance');
  const fails = (): Backoff => {
    throw cause;
  };
  expect(nextWait(undefined, fails)).toEqual({ delay: 1_000, failure: { error: cause } });
  const after = constant(2);
  const begins = (): Backoff => ({ delay: 1, next: () => after });
  expect(nextWait(undefined, begins)).toEqual({ delay: 1, backoff: after });
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
  expect(nextWait(backoff, none)).toEqual({ delay: 5, backoff: after });
  expect(reads).toBe(1);
});

test('a backoff without a valid delay waits one second, and is asked again', () => {
  for (const delay of [Number.NaN, -1, Infinity, 2 ** 31, '5']) {
    const backoff = { delay, next: () => constant(1) } as Backoff;
    const { failure, ...rest } = nextWait(backoff, none);
    expect(rest).toEqual({ delay: 1_000, backoff });
    expect(failure?.error).toBeInstanceOf(OptionError);
  }
});

test('a backoff whose next() throws keeps its delay, and is asked again', () => {
  const cause = new Error('no more');
  const backoff: Backoff = {
    delay: 5,
    next: () => {
      throw cause;
    },
  };
  expect(nextWait(backoff, none)).toEqual({ delay: 5, backoff, failure: { error: cause } });
});
