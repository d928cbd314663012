import { describe, expect, vi } from 'vitest';
import type { DiscoveredEndpoint } from '../../../src/index.js';
import { it, nextTurn, until } from '../../support/fixtures.js';
import { turns } from '../../support/repeat.js';
import { ScriptedDiscovery } from '../../support/scripted-discovery.js';
import { a, b, fakeTime, follow, iteratorOf, passSeconds } from './subscribe.js';

describe('stopping a subscription', () => {
  it('does nothing but that before it has begun', async () => {
    const source = new ScriptedDiscovery();
    const [subscription, listener] = follow(source);
    subscription.stop();
    await turns();
    expect(source.begun).toBe(0);
    expect(listener.told).toBe(0);
  });

  it('tells the source that waits, once, and nothing is heard any more', async () => {
    const source = new ScriptedDiscovery();
    const [subscription, listener] = follow(source);
    await source.say([a]);
    subscription.stop();
    subscription.stop();
    expect(source.left).toBe(1);
    void source.say([b]);
    await turns();
    expect(listener).toMatchObject({ snapshots: [[a]], failures: [], endings: 0 });
  });

  it('tells a generator, though that is in the middle of something', async () => {
    let isLeft = false;
    const source = async function* (): AsyncGenerator<readonly DiscoveredEndpoint[]> {
      try {
        yield [a];
        await nextTurn();
        yield [b];
      } finally {
        isLeft = true;
      }
    };
    const [subscription, listener] = follow(source);
    await until(() => listener.snapshots.length === 1);
    subscription.stop();
    await until(() => isLeft);
    expect(listener.snapshots).toEqual([[a]]);
  });

  it.each(['snapshot', 'failure'] as const)('works while it tells of a %s', async (what) => {
    fakeTime();
    const source = new ScriptedDiscovery();
    const [subscription, listener] = follow(source);
    listener.onSnapshot = () => subscription.stop();
    listener.onFailure = () => subscription.stop();
    void (what === 'snapshot' ? source.say([a]) : source.fail(new Error('x')));
    await turns();
    void source.say([b]);
    await passSeconds(60);
    expect(listener.told).toBe(1);
    expect(source).toMatchObject({ begun: 1, left: 1 });
  });

  it('works while it waits to begin anew', async () => {
    fakeTime();
    const source = new ScriptedDiscovery();
    const [subscription, listener] = follow(source);
    void source.fail(new Error('x'));
    await turns();
    expect(vi.getTimerCount()).toBe(1);
    subscription.stop();
    expect(vi.getTimerCount()).toBe(0);
    await passSeconds(60);
    expect(source).toMatchObject({ begun: 1, left: 1 });
    expect(listener.told).toBe(1);
  });

  it('aborts the signal that a function got, and what that makes of it is not heard', async () => {
    fakeTime();
    const signals: AbortSignal[] = [];
    const [subscription, listener] = follow((signal: AbortSignal) => {
      signals.push(signal);
      if (signals.length === 1) throw new Error('at first');
      const aborted = new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
      return iteratorOf({ next: () => aborted });
    });
    await turns();
    await passSeconds(1);
    expect(signals).toHaveLength(2);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    subscription.stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    await passSeconds(60);
    expect(listener.told).toBe(1);
    expect(signals).toHaveLength(2);
  });

  it('ends a source that is endlessly eager', async () => {
    let asked = 0;
    const [subscription, listener] = follow(
      iteratorOf({ next: () => Promise.resolve({ done: false, value: (asked += 1) > 0 ? [a] : [] }) }),
    );
    await turns();
    subscription.stop();
    const { told } = listener;
    const before = asked;
    await turns();
    expect(asked).toBe(before);
    expect(listener.told).toBe(told);
  });
});
