import { expect } from 'vitest';
import { cancellable } from '../../src/dns/cancellable.js';
import { it, nextTurn } from '../support/fixtures.js';

const done = { done: true, value: undefined };

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

it('passes on what is produced, to several calls of next() in order, and ends', async () => {
  const numbers = cancellable(async function* () {
    yield 1;
    await nextTurn();
    yield 2;
  });
  const iteration = numbers[Symbol.asyncIterator]();
  const steps = [iteration.next(), iteration.next(), iteration.next(), iteration.next()];
  const [one, two, ...rest] = await Promise.all(steps);
  expect([one, two]).toEqual([
    { done: false, value: 1 },
    { done: false, value: 2 },
  ]);
  expect(rest).toEqual([done, done]);
});

it('iterations do not end each other', async () => {
  const source = cancellable(async function* (signal) {
    yield signal.aborted;
    await nextTurn();
    yield signal.aborted;
  });
  const [one, other] = [source[Symbol.asyncIterator](), source[Symbol.asyncIterator]()];
  expect(await one.next()).toEqual({ done: false, value: false });
  await one.return?.();
  expect(await one.next()).toEqual(done);
  expect(await other.next()).toEqual({ done: false, value: false });
  expect(await other.next()).toEqual({ done: false, value: false });
});

it('passes on what is thrown, and is over then', async () => {
  const failure = new Error('the failure');
  const iteration = cancellable(async function* () {
    yield 1;
    throw failure;
  })[Symbol.asyncIterator]();
  await iteration.next();
  await expect(iteration.next()).rejects.toBe(failure);
  expect(await iteration.next()).toEqual(done);
});

it('return() does not wait for what is being awaited, aborts the signal, and lets finally run', async () => {
  const events: string[] = [];
  const iteration = cancellable(async function* (signal) {
    try {
      await aborted(signal);
      events.push('aborted');
      await nextTurn();
      yield 1;
    } finally {
      events.push('finally');
    }
  })[Symbol.asyncIterator]();
  const waiting = iteration.next().then((step) => (events.push('next'), step));
  await nextTurn();
  expect(await iteration.return?.()).toEqual(done);
  expect(await waiting).toEqual(done);
  await nextTurn();
  await nextTurn();
  expect(events).toEqual(['next', 'aborted', 'finally']);
  expect(await iteration.return?.()).toEqual(done);
});

it('return() runs finally where it stands, and swallows what fails after it', async () => {
  let isOver = false;
  const iteration = cancellable(async function* (signal) {
    try {
      yield 1;
    } finally {
      isOver = signal.aborted;
      // oxlint-disable-next-line no-unsafe-finally
      throw new Error('too late to be heard');
    }
  })[Symbol.asyncIterator]();
  await iteration.next();
  expect(await iteration.return?.()).toEqual(done);
  await nextTurn();
  expect(isOver).toBe(true);
});
