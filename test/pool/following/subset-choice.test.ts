import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { endpointKey, type DiscoveredEndpoint } from '../../../src/discovery/index.js';
import { SubsetChoice } from '../../../src/pool/following/subset-choice.js';
import { useFakeTime } from '../../support/fake-time.js';

const all: readonly DiscoveredEndpoint[] = Array.from({ length: 10 }, (_, host) => ({
  host: `10.0.0.${host}`,
  port: 1,
}));

interface World {
  readonly choice: SubsetChoice;
  /** The hosts in use, in order. */
  readonly chosen: () => string[];
  readonly fail: (...hosts: readonly string[]) => void;
  readonly recover: (...hosts: readonly string[]) => void;
  readonly changes: () => number;
}

function begin(size: number, endpoints = all): World {
  useFakeTime();
  let changes = 0;
  const choice = new SubsetChoice({ size, key: 'this process' }, () => (changes += 1));
  onTestFinished(() => {
    choice.stop();
    vi.useRealTimers();
  });
  const keyOf = (host: string): string => endpointKey({ host, port: 1 });
  choice.take(endpoints);
  return {
    choice,
    chosen: () => choice.chosen().map(({ host }) => String(host)),
    fail: (...hosts) => hosts.forEach((host) => choice.failed(keyOf(host), false)),
    recover: (...hosts) => hosts.forEach((host) => choice.recovered(keyOf(host))),
    changes: () => changes,
  };
}

/** The hosts in rendezvous order. */
function ranking(): string[] {
  const lists = all.map((_, index) => begin(index + 1).chosen());
  return lists.map((list, index) => list.find((host) => !lists[index - 1]?.includes(host)) as string);
}

const sorted = (hosts: readonly string[]): string[] => hosts.toSorted();

describe('a subset with dead endpoints', () => {
  it('takes the next in rendezvous order for each, keeps dialling the dead, and gives back', () => {
    const order = ranking();
    const { chosen, fail, recover, changes } = begin(3);
    expect(sorted(chosen())).toEqual(sorted(order.slice(0, 3)));
    fail(order[1] as string);
    expect(changes()).toBe(1);
    expect(sorted(chosen())).toEqual(sorted(order.slice(0, 4)));
    fail(order[0] as string, order[2] as string, order[0] as string);
    expect(changes()).toBe(3);
    expect(sorted(chosen())).toEqual(sorted(order.slice(0, 6)));
    recover(order[1] as string);
    expect(sorted(chosen())).toEqual(sorted(order.slice(0, 5)));
    recover(order[0] as string, order[2] as string);
    expect(sorted(chosen())).toEqual(sorted(order.slice(0, 3)));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on to the next when stand-ins fail, after growing waits', async () => {
    const order = ranking();
    const { chosen, fail } = begin(1);
    chosen();
    fail(order[0] as string);
    const tried: string[] = [];
    const moments: number[] = [];
    const start = performance.now();
    for (let turn = 0; turn < 8; turn += 1) {
      const standIn = chosen().find((host) => host !== order[0]) as string;
      tried.push(standIn);
      fail(standIn, standIn);
      expect(chosen(), 'until the wait is over').toContain(standIn);
      vi.runOnlyPendingTimers();
      moments.push(performance.now() - start);
    }
    expect(tried).toEqual(order.slice(1, 9));
    expect(moments[0]).toBeLessThanOrEqual(300);
    // By chance, from 12 to 26 s.
    expect(moments[7]).toBeGreaterThan(10_000);
    expect(moments[7]).toBeLessThan(60_000);
  });

  it('tries a stand-in again after half a minute, when all others have failed', async () => {
    const { chosen, fail, changes } = begin(1, all.slice(0, 2));
    const [first] = chosen() as [string];
    const standIn = all[first === all[0]?.host ? 1 : 0]?.host as string;
    fail(first);
    expect(chosen()).toContain(standIn);
    fail(standIn);
    vi.runOnlyPendingTimers();
    expect(chosen()).toEqual([first]);
    fail(first);
    const before = changes();
    await vi.advanceTimersByTimeAsync(31_000);
    fail(first);
    expect(changes()).toBe(before + 1);
    expect(chosen()).toContain(standIn);
  });

  it('forgets who is not in the snapshot any more, and stand-ins when it is refreshed', () => {
    const { choice, chosen, fail } = begin(1);
    const [first] = chosen() as [string];
    fail(first);
    const standIn = chosen().find((host) => host !== first) as string;
    choice.failed(endpointKey({ host: standIn, port: 1 }), true);
    vi.runOnlyPendingTimers();
    expect(chosen()).not.toContain(standIn);
    choice.refresh();
    expect(chosen()).toContain(standIn);
    choice.take(all.filter(({ host }) => host !== first));
    expect(chosen()).toEqual([standIn]);
    choice.take(all);
    expect(chosen()).toEqual([first]);
  });

  it('does so in each priority', () => {
    const ranked = all.map((each, index) => Object.assign({ priority: index % 2 }, each));
    const { chosen, fail } = begin(2, ranked);
    expect(chosen()).toHaveLength(4);
    const dead = chosen().filter((host) => Number(host.slice(-1)) % 2 === 1);
    fail(...dead);
    const standIns = chosen().filter((host) => Number(host.slice(-1)) % 2 === 1);
    expect(standIns).toHaveLength(4);
    expect(chosen()).toHaveLength(6);
  });
});
