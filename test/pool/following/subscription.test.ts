import { describe, expect } from 'vitest';
import { OptionError } from '../../../src/index.js';
import { it } from '../../support/fixtures.js';
import { turns } from '../../support/repeat.js';
import { ScriptedDiscovery } from '../../support/scripted-discovery.js';
import { a, b, fakeTime, follow, iteratorOf, passSeconds } from './subscribe.js';

describe('what a subscription hears', () => {
  it('is told in order, as frozen copies without doubles, and not before start() has returned', async () => {
    const source = new ScriptedDiscovery();
    const [, listener] = follow(source);
    expect(source.begun).toBe(0);
    await source.say([a, b, { ...a }]);
    await source.say([b]);
    expect(listener.snapshots).toEqual([[a, b], [b]]);
    expect(listener.snapshots.flat().every((each) => Object.isFrozen(each))).toBe(true);
    expect(listener.failures).toEqual([]);
  });

  it('ends when the source does, for good', async () => {
    fakeTime();
    const source = new ScriptedDiscovery();
    const [, listener] = follow(source);
    await source.say([a]);
    source.end();
    await passSeconds(600);
    expect(listener).toMatchObject({ endings: 1, failures: [] });
    expect(source).toMatchObject({ begun: 1, left: 0 });
  });

  it('is asked again where it ends just after refresh() was called', async () => {
    let begun = 0;
    const [subscription, listener] = follow(async function* ends() {
      begun += 1;
      yield await Promise.resolve([a]);
    });
    // When the subscription waits for a turn, after which the source will end.
    listener.onSnapshot = () => {
      if (begun === 1) process.nextTick(() => subscription.refresh());
    };
    await turns();
    expect(begun).toBe(2);
    expect(listener).toMatchObject({ endings: 2, failures: [] });
  });

  const getter = Object.defineProperty([a], 0, {
    get() {
      throw new RangeError('from a getter');
    },
  });
  const garbage: readonly (readonly [string, unknown])[] = [
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['text', 'a:1'],
    ['an object', {}],
    ['one endpoint', a],
    ['an empty list', []],
    ['a list with a hole', Array.from({ length: 1 })],
    ['nulls', [null]],
    ['a wrong port', [{ host: 'a', port: 70_000 }]],
    ['a wrong host', [{ host: 'a b\0', port: 1 }]],
    ['a wrong weight', [{ ...a, weight: -1 }]],
    ['a weight that is no number', [{ ...a, weight: NaN }]],
    ['a wrong priority', [{ ...a, priority: 0.5 }]],
    ['an unknown field', [{ ...a, zone: 'x' }]],
    ['one wrong of two', [a, { host: 5, port: 1 }]],
    ['too many', Array.from({ length: 10_001 }, (_, n) => ({ host: `h${n}`, port: 1 }))],
  ];
  it.each(garbage)('is a failure where the source says %s, and the next answer counts', async (_, value) => {
    const source = new ScriptedDiscovery();
    const [, listener] = follow(source);
    await source.say(value);
    expect(listener.failures).toHaveLength(1);
    expect(listener.failures[0]).toBeInstanceOf(OptionError);
    expect((listener.failures[0] as OptionError).option).toMatch(/^snapshot/);
    await source.say([b]);
    expect(listener.snapshots).toEqual([[b]]);
    expect(source).toMatchObject({ begun: 1, left: 0 });
  });

  it('may be a list that throws when it is read', async () => {
    const source = new ScriptedDiscovery();
    const [, listener] = follow(source);
    await source.say(getter);
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    await source.say(proxy);
    await source.say([b]);
    expect(listener.failures).toHaveLength(2);
    expect(listener.snapshots).toEqual([[b]]);
  });

  it('is nothing as long as the source is silent', async () => {
    fakeTime();
    const source = new ScriptedDiscovery();
    const [, listener] = follow(source);
    await passSeconds(3_600);
    expect(listener.told).toBe(0);
    expect(source.begun).toBe(1);
  });

  it('leaves turns for everything else, be the source endlessly eager', async () => {
    let given = 0;
    const source = iteratorOf({
      next: () => Promise.resolve({ done: false, value: [{ ...a, port: (given += 1) }] }),
    });
    const [subscription, listener] = follow(source);
    await turns(50);
    subscription.stop();
    expect(listener.snapshots.length).toBeGreaterThan(10);
    expect(given).toBeLessThanOrEqual(52);
  });
});
