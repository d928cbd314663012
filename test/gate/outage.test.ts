import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, onTestFinished, vi } from 'vitest';
import { ConnectionManager, type Connection, type ConnectionOptions, type Pool } from '../../src/index.js';
import { echo, end, startBlackHole, startServerProcess } from '../../src/testing/index.js';
import { pass, withFakeTime } from '../support/fake-time.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

/** What a pool was seen to do, at each dial of it. */
interface Watched {
  readonly pool: Pool<Recorder>;
  dials: number;
  /** The most dials in flight at once, and the most by which they were above the window. */
  peak: number;
  excess: number;
  /** The windows that there were. */
  readonly windows: Set<number>;
}

/** A pool whose dials are counted. */
function watch(manager: ConnectionManager, options: ConnectionOptions = {}): Watched {
  const pool = manager.createPool('watched', () => new Recorder(), options);
  const watched: Watched = { pool, dials: 0, peak: 0, excess: 0, windows: new Set() };
  const count = (): void => {
    const dialling = connecting(pool);
    const window = [...pool][0]?.stats().gate.window ?? 0;
    watched.dials += 1;
    watched.peak = Math.max(watched.peak, dialling);
    watched.excess = Math.max(watched.excess, dialling - window);
    watched.windows.add(window);
  };
  subscribe('connman:connection:dial', count);
  onTestFinished(() => void unsubscribe('connman:connection:dial', count));
  return watched;
}

function add(
  pool: Pool<Recorder>,
  { host, port }: { host: string; port: number },
  count: number,
): Connection[] {
  return Array.from({ length: count }, () => pool.addConnection(port, host));
}

function connecting(pool: Pool<Recorder>): number {
  return [...pool].filter(({ state }) => state === 'connecting').length;
}

/** Those that a FIN has reached before the RST, on a busy machine: each has a deadline of its own. */
function halfClosed(pool: Pool<Recorder>): number {
  return [...pool].filter(({ state, socket }) => state === 'ready' && socket.readableEnded).length;
}

describe('200 connections that lose their server', () => {
  it('by kill -9 dial it a few times, and are all back when it is', async ({ manager }) => {
    await using server = await startServerProcess();
    const watched = watch(manager, { backoff: { initial: 20, max: 200 } });
    const { pool } = watched;
    add(pool, server, 200);
    await until(() => pool.readyCount === 200);
    expect(watched).toMatchObject({ dials: 200, excess: 0 });
    watched.dials = 0;
    await server.kill();
    await until(() => pool.readyCount === 0);
    const lostAt = performance.now();
    await until(() => performance.now() - lostAt >= 600);
    expect(watched.dials).toBeGreaterThan(2);
    expect(watched.dials).toBeLessThanOrEqual(20);
    const inOutage = watched.dials;
    watched.windows.clear();
    await server.restart();
    await until(() => pool.readyCount === 200);
    // Besides one each, those that failed while the process was starting.
    expect(watched.dials - inOutage).toBeLessThanOrEqual(200 + 20);
    expect(watched.excess, 'dials in flight above the window').toBe(0);
    const doubling = [...watched.windows];
    expect(doubling.slice(0, 4)).toEqual([1, 16, 32, 64]);
  });

  it('for 3 s dial it 20 times at most, with one timer for all', async ({ server, manager }) => {
    await withFakeTime(async () => {
      const watched = watch(manager);
      const { pool } = watched;
      add(pool, server, 200);
      await pass(200, 2);
      expect(pool.readyCount).toBe(200);
      await pass(6_000, 500);
      expect(vi.getTimerCount(), 'timers while all is well').toBe(0);
      watched.dials = 0;
      await server.refuse();
      server.dropAll('reset');
      for (let passed = 0; passed < 3_000; passed += 5) {
        // Step by step: it is what is between that matters.
        // oxlint-disable-next-line no-await-in-loop
        await pass(5, 5);
        const most = 1 + connecting(pool) + halfClosed(pool);
        expect(vi.getTimerCount(), 'one timer, and one for a dial').toBeLessThanOrEqual(most);
        expect(connecting(pool)).toBeLessThanOrEqual(1);
      }
      expect(watched.dials).toBeGreaterThan(2);
      expect(watched.dials).toBeLessThanOrEqual(20);
      await server.listen();
      await pass(3_100, 2);
      expect(pool.readyCount).toBe(200);
      expect(watched.excess).toBe(0);
    });
  });
});

describe('an endpoint that accepts and closes at once', () => {
  it('has 10 connects of a pool of 50 in 5 s at most, and all of them once a life was stable', async ({
    server,
    manager,
  }) => {
    await withFakeTime(async () => {
      server.script = () => end();
      const { pool } = watch(manager);
      add(pool, server, 50);
      await pass(5_000, 5);
      const before = server.accepted;
      expect(before).toBeGreaterThan(3);
      expect(before).toBeLessThanOrEqual(10);
      server.script = () => echo();
      while (pool.readyCount === 0) {
        // oxlint-disable-next-line no-await-in-loop
        await pass(5, 5);
      }
      await pass(4_900, 50);
      expect(server.accepted - before, 'before it was stable').toBe(1);
      await pass(300, 5);
      expect(pool.readyCount).toBe(50);
      expect(server.accepted - before).toBe(50);
    });
  });
});

describe('an endpoint that swallows dials', () => {
  it('has one of them at a time, and slows nobody who goes elsewhere', async ({ server, manager }) => {
    await using hole = await startBlackHole();
    const { pool } = watch(manager, { connectTimeout: 150, backoff: { initial: 10, max: 20 } });
    const swallowed = add(pool, hole, 20);
    const others = add(pool, server, 20);
    let failed = 0;
    let peak = 0;
    const count = (): void => {
      peak = Math.max(peak, swallowed.filter(({ state }) => state === 'connecting').length);
    };
    const fails = (): void => void (failed += 1);
    subscribe('connman:connection:dial', count);
    subscribe('connman:connection:dial-failed', fails);
    onTestFinished(() => {
      unsubscribe('connman:connection:dial', count);
      unsubscribe('connman:connection:dial-failed', fails);
    });
    await until(() => others.every(({ state }) => state === 'ready'));
    expect(failed, 'dials that failed before all others were up').toBe(0);
    await until(() => failed === 4);
    expect(peak).toBe(1);
    const dials = swallowed.map((connection) => connection.stats().dials);
    expect(Math.max(...dials), 'they take turns').toBe(1);
  });
});

describe('maxDialing', () => {
  it.for([1, 3, 256])('of %i bounds the dials in flight', async (maxDialing, { server }) => {
    const manager = new ConnectionManager({ maxDialing });
    const answers: (() => void)[] = [];
    const watched = watch(manager, {
      lookup: (_name, _options, answer) =>
        void answers.push(() => answer(null, [{ address: '127.0.0.1', family: 4 }])),
    });
    const { pool } = watched;
    const count = maxDialing === 256 ? 600 : 20;
    add(pool, { host: 'a.test', port: server.port }, count);
    await until(() => {
      // All that may dial have begun to, before any of them gets on.
      if (connecting(pool) === answers.length) for (const answer of answers.splice(0)) answer();
      return pool.readyCount === count;
    });
    expect(watched.peak).toBeLessThanOrEqual(maxDialing);
    expect(watched.excess).toBe(0);
    expect(Math.max(...watched.windows)).toBe(maxDialing);
    await manager.disconnectAll({ grace: 0 });
  });
});
