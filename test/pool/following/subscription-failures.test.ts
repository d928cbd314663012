import { describe, expect } from 'vitest';
import { sourceOf } from '../../../src/discovery/index.js';
import { DiscoverySubscription } from '../../../src/pool/following/discovery-subscription.js';
import { unchecked } from '../../support/call.js';
import { activeResources, it, until } from '../../support/fixtures.js';
import { turns } from '../../support/repeat.js';
import { ScriptedDiscovery } from '../../support/scripted-discovery.js';
import { a, b, fakeTime, follow, iteratorOf, Listener, passSeconds } from './subscribe.js';

describe('a subscription whose source fails', () => {
  it('tells of it, tells the source, and begins anew after a wait', async () => {
    fakeTime();
    const source = new ScriptedDiscovery();
    const [, listener] = follow(source);
    await source.say([a]);
    const error = new Error('no answer');
    void source.fail(error);
    await turns();
    expect(listener.failures).toEqual([error]);
    expect(source).toMatchObject({ begun: 1, left: 1 });
    await passSeconds(1);
    expect(source.begun).toBe(2);
    await source.say([b]);
    expect(listener.snapshots).toEqual([[a], [b]]);
  });

  it.each<[string, unknown]>([
    ['a promise', Promise.resolve([a])],
    ['an array', [a]],
    ['an object', [a].values()],
    ['undefined', undefined],
  ])('says so where the function makes no source, but %s', async (got, made) => {
    const [, listener] = follow(() => made);
    await turns();
    const message = `discovery(): expected an AsyncIterable of lists of endpoints, got ${got}`;
    expect(listener.failures).toMatchObject([{ message }]);
  });

  it('waits longer each time, at most 30 s, and 1 s again once it has had an answer', async () => {
    fakeTime();
    const source = new ScriptedDiscovery();
    let isBroken = true;
    const begun: number[] = [];
    follow(() => {
      begun.push(performance.now());
      if (isBroken) throw new Error('down');
      return source;
    });
    await passSeconds(600);
    const waits = begun.slice(1).map((moment, index) => moment - (begun[index] ?? 0));
    expect(waits.length).toBeGreaterThanOrEqual(20);
    expect(waits.length).toBeLessThanOrEqual(50);
    expect(waits.every((wait) => wait <= 30_001)).toBe(true);
    expect(waits[0]).toBeLessThanOrEqual(1_001);
    expect(waits.slice(10).every((wait) => wait >= 15_000)).toBe(true);
    isBroken = false;
    await passSeconds(31);
    await source.say([a]);
    isBroken = true;
    void source.fail(new Error('down again'));
    await turns();
    const { length } = begun;
    await passSeconds(1.1);
    expect(begun.length).toBeGreaterThan(length);
  });

  it('is asked again sooner when an endpoint fails, but not sooner than it waits for a doubt', async () => {
    fakeTime();
    const least = 500;
    let isBroken = false;
    const begun: number[] = [];
    const [subscription] = follow(
      // As the sources of connman do, it waits by a context of its own.
      sourceOf(async function* snapshots({ wait }) {
        begun.push(performance.now());
        if (isBroken) throw new Error('down');
        yield [a];
        await wait(Infinity, least);
        throw new Error('down');
      }),
    );
    await turns(5);
    isBroken = true;
    subscription.doubt();
    // Now each wait is of 15 s at least.
    await passSeconds(600);
    while (performance.now() - (begun.at(-1) ?? 0) < 5_000) await passSeconds(1);
    const { length } = begun;
    for (let doubts = 0; doubts < 3; doubts += 1) subscription.doubt();
    await passSeconds(0);
    expect(begun.length).toBe(length + 1);
    for (const count of [2, 3]) {
      subscription.doubt();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await passSeconds((least - 1) / 1_000);
      expect(begun.length).toBe(length + count - 1);
      // oxlint-disable-next-line no-await-in-loop
      await passSeconds(0.001);
      expect(begun.length).toBe(length + count);
    }
    await passSeconds(15);
    expect(begun.length).toBe(length + 3);
  });

  const boom = new Error('boom');
  function broken(): never {
    throw boom;
  }
  const hostile: readonly (readonly [string, unknown])[] = [
    ['a function that throws', broken],
    ['a function that gives nothing', () => undefined],
    ['a function that gives a promise', () => Promise.resolve(iteratorOf({}))],
    ['no iterator', iteratorOf(undefined)],
    ['an iterator without next()', iteratorOf({})],
    ['a next() that throws', iteratorOf({ next: broken })],
    ['a next() that rejects', iteratorOf({ next: () => Promise.reject(boom) })],
    ['a next() that gives nothing', iteratorOf({ next: () => undefined })],
    [
      'a done that throws',
      iteratorOf({
        next: () => ({
          get done() {
            return broken();
          },
        }),
      }),
    ],
    ['a return() that throws', iteratorOf({ next: broken, return: broken })],
    ['a return() that rejects', iteratorOf({ next: broken, return: () => Promise.reject(boom) })],
    ['a return() that never settles', iteratorOf({ next: broken, return: () => new Promise(() => {}) })],
    ['a return() that gives nothing', iteratorOf({ next: broken, return: () => undefined })],
    ['a return that is no function', iteratorOf({ next: broken, return: 5 })],
  ];
  it.each(hostile)('survives %s, and tries again', async (_, source) => {
    fakeTime();
    const [, listener] = follow(source);
    await turns();
    expect(listener).toMatchObject({ snapshots: [], endings: 0 });
    expect(listener.failures).toHaveLength(1);
    await passSeconds(1);
    await passSeconds(2);
    expect(listener.failures.length).toBeGreaterThanOrEqual(2);
  });

  it('keeps the program alive during its wait exactly when its listener wants that', async () => {
    for (const keepsAlive of [true, false]) {
      const { Timeout: before = 0 } = activeResources();
      const listener = new Listener();
      listener.keepsAlive = keepsAlive;
      const subscription = new DiscoverySubscription(unchecked(broken), listener);
      subscription.start();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await until(() => listener.failures.length === 1);
      expect((activeResources()['Timeout'] ?? 0) - before).toBe(keepsAlive ? 1 : 0);
      subscription.stop();
    }
  });
});
