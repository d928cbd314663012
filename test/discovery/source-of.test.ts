import { describe, expect } from 'vitest';
import { Asking, sourceOf, type DiscoveredEndpoint } from '../../src/discovery/index.js';
import { it, nextTurn } from '../support/fixtures.js';

const list = (port: number): readonly DiscoveredEndpoint[] => [{ host: 'a', port }];
const done = { done: true, value: undefined };

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

it('passes on what is produced, to several calls of next() in order, and ends', async () => {
  const numbers = sourceOf(async function* () {
    yield list(1);
    await nextTurn();
    yield list(2);
  });
  const iteration = numbers[Symbol.asyncIterator]();
  const steps = [iteration.next(), iteration.next(), iteration.next(), iteration.next()];
  const [one, two, ...rest] = await Promise.all(steps);
  expect([one, two]).toEqual([
    { done: false, value: list(1) },
    { done: false, value: list(2) },
  ]);
  expect(rest).toEqual([done, done]);
});

it('iterations do not end each other', async () => {
  const source = sourceOf(async function* ({ signal }) {
    yield list(signal.aborted ? 2 : 1);
    await nextTurn();
    yield list(signal.aborted ? 2 : 1);
  });
  const [one, other] = [source[Symbol.asyncIterator](), source[Symbol.asyncIterator]()];
  expect(await one.next()).toEqual({ done: false, value: list(1) });
  await one.return?.();
  expect(await one.next()).toEqual(done);
  expect(await other.next()).toEqual({ done: false, value: list(1) });
  expect(await other.next()).toEqual({ done: false, value: list(1) });
});

it('passes on what is thrown, and is over then', async () => {
  const failure = new Error('the failure');
  const iteration = sourceOf(async function* () {
    yield list(1);
    throw failure;
  })[Symbol.asyncIterator]();
  await iteration.next();
  await expect(iteration.next()).rejects.toBe(failure);
  expect(await iteration.next()).toEqual(done);
});

it('return() does not wait for what is being awaited, aborts the signal, and lets finally run', async () => {
  const events: string[] = [];
  const iteration = sourceOf(async function* ({ signal }) {
    try {
      await aborted(signal);
      events.push('aborted');
      await nextTurn();
      yield list(1);
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
  const iteration = sourceOf(async function* ({ signal }) {
    try {
      yield list(1);
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

describe('an iteration for a pool', () => {
  function begin(): [stop: AbortController, asking: Asking, events: unknown[]] {
    const events: unknown[] = [];
    const stop = new AbortController();
    const asking = new Asking(stop.signal, {
      confirm: () => events.push('confirmed'),
      fail: (error) => events.push(error),
      report: (figures) => events.push(figures),
    });
    return [stop, asking, events];
  }

  it('hears its doubts, and tells it how the look-ups go', async () => {
    const [, asking, events] = begin();
    const source = sourceOf(async function* ({ confirm, fail, report, wait }) {
      yield list(1);
      events.push(await wait(60_000, 0));
      confirm();
      fail('in part');
      report({ name: 'x' });
      yield list(2);
    });
    expect(asking.isHeard).toBe(false);
    const iteration = source.follow(asking)[Symbol.asyncIterator]();
    await iteration.next();
    const second = iteration.next();
    expect(asking.isHeard).toBe(true);
    await nextTurn();
    asking.ask('doubt');
    expect(await second).toEqual({ done: false, value: list(2) });
    expect(events).toEqual(['doubt', 'confirmed', 'in part', { name: 'x' }]);
    expect(await iteration.next()).toEqual(done);
    expect(asking.isHeard).toBe(false);
  });

  it('ends with its context, or before it, and leaves no listener', async () => {
    const [stop, asking] = begin();
    const source = sourceOf(async function* ({ signal }) {
      await aborted(signal);
      yield list(1);
    });
    const [one, other] = [0, 1].map(() => source.follow(asking)[Symbol.asyncIterator]()) as [never, never];
    const waiting: unknown[] = [one, other].map((each: AsyncIterator<unknown>) => each.next());
    await (one as AsyncIterator<unknown>).return?.();
    expect(await waiting[0]).toEqual(done);
    expect(asking.isHeard).toBe(true);
    stop.abort();
    expect(await waiting[1]).toEqual(done);
    await (other as AsyncIterator<unknown>).return?.();
    expect(asking.isHeard).toBe(false);
    const late = source.follow(asking)[Symbol.asyncIterator]();
    expect(await late.next()).toEqual(done);
  });
});
