import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Asking } from '../../src/discovery/index.js';
import { unchecked } from '../support/call.js';
import { useFakeTime } from '../support/fake-time.js';

interface World {
  readonly stop: AbortController;
  readonly asking: Asking;
  readonly failures: unknown[];
  /** Begins to wait; the reason and the moment of its end are added to `ends`. */
  readonly wait: (most: number, least?: number) => void;
  readonly ends: [reason: string, moment: number][];
  readonly pass: (milliseconds: number) => Promise<void>;
}

function begin(): World {
  useFakeTime();
  onTestFinished(() => void vi.useRealTimers());
  const stop = new AbortController();
  const failures: unknown[] = [];
  const listener = {
    confirm: () => undefined,
    fail: (error: unknown) => failures.push(error),
    report: () => 0,
  };
  const asking = new Asking(stop.signal, listener);
  const ends: [string, number][] = [];
  const start = performance.now();
  const wait: World['wait'] = (most, least) => {
    const end = (reason: string): number => ends.push([reason, Math.round(performance.now() - start)]);
    void asking.wait(most, least).then(end);
  };
  const pass: World['pass'] = async (milliseconds) => void (await vi.advanceTimersByTimeAsync(milliseconds));
  return { stop, asking, failures, wait, ends, pass };
}

describe('the wait of a source', () => {
  it('lasts as long as it says, if nothing happens', async () => {
    const { wait, ends, pass } = begin();
    wait(5_000);
    await pass(60_000);
    expect(ends).toEqual([['due', 5_000]]);
    wait(0);
    await pass(0);
    expect(ends[1]).toEqual(['due', 60_000]);
    wait(Infinity);
    await pass(4_000_000_000);
    expect(ends).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each<[doubtAt: number, most: number, least: number | undefined, end: number]>([
    [100, 60_000, undefined, 1_000],
    [999, 60_000, undefined, 1_000],
    [30_000, 60_000, undefined, 30_000],
    [100, 500, undefined, 500],
    [100, Infinity, 300, 300],
    [100, 60_000, 0, 100],
  ])(
    'ends with a doubt after %i ms, of at most %f and at least %s ms, after %i',
    async (at, most, least, end) => {
      const { asking, wait, ends, pass } = begin();
      wait(most, least);
      await pass(at);
      asking.ask('doubt');
      asking.ask('doubt');
      await pass(100_000);
      expect(ends).toEqual([['doubt', end]]);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('ends at once when it is asked to, though a doubt came before', async () => {
    const { asking, stop, wait, ends, pass } = begin();
    wait(60_000);
    asking.ask('doubt');
    asking.ask('refresh');
    await pass(10);
    wait(60_000);
    asking.wake();
    await pass(10);
    wait(60_000);
    stop.abort();
    await pass(10);
    wait(60_000);
    await pass(10);
    expect(ends).toEqual([
      ['refresh', 0],
      ['woken', 10],
      ['aborted', 20],
      ['aborted', 30],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(['doubt', 'refresh'] as const)('counts a %s that came before it, once', async (reason) => {
    const { asking, wait, ends, pass } = begin();
    asking.ask('doubt');
    asking.ask(reason);
    wait(5_000);
    await pass(10_000);
    wait(5_000);
    await pass(10_000);
    expect(ends).toEqual([
      [reason, reason === 'doubt' ? 1_000 : 0],
      ['due', 15_000],
    ]);
  });

  it('is replaced by another one, which keeps a doubt', async () => {
    const { asking, wait, ends, pass } = begin();
    wait(5_000);
    await pass(100);
    asking.ask('doubt');
    wait(5_000);
    await pass(10_000);
    wait(5_000);
    await pass(100);
    wait(5_000);
    await pass(10_000);
    expect(ends).toEqual([
      ['woken', 100],
      ['doubt', 1_100],
      ['woken', 10_200],
      ['due', 15_200],
    ]);
  });

  it.each([NaN, -1, '5', undefined])('refuses %s', (value) => {
    const { asking } = begin();
    expect(() => void asking.wait(unchecked(value))).toThrow('most: expected milliseconds');
    if (value !== undefined) expect(() => void asking.wait(5, unchecked(value))).toThrow('least: expected');
    expect(() => asking.report(unchecked(value))).toThrow('figures: expected an object');
  });
});

it('listeners hear each doubt until they leave, and one that throws is told of', () => {
  const { asking, failures, stop } = begin();
  const heard: string[] = [];
  const boom = new Error('boom');
  const leave = asking.onDoubt((reason) => {
    heard.push(reason);
    throw boom;
  });
  asking.onDoubt((reason) => heard.push(`also ${reason}`));
  asking.ask('doubt');
  leave();
  asking.ask('refresh');
  stop.abort();
  asking.ask('doubt');
  expect(heard).toEqual(['doubt', 'also doubt', 'also refresh']);
  expect(failures).toEqual([boom]);
});
