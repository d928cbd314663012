import { describe, expect } from 'vitest';
import { constant, type Connection, type Pool, type PoolOptions } from '../../../src/index.js';
import { halfOpen, startFaultServer } from '../../../src/testing/index.js';
import { it as plainIt } from '../../support/channels.js';
import { pass, passUntil, withFakeTime } from '../../support/fake-time.js';
import { nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { turns } from '../../support/repeat.js';

const drain = 1_000;

interface Fixtures {
  /** Makes a pool with so many connections, which are ready. */
  poolOf: (count: number, options?: PoolOptions<Recorder>) => Promise<Pool<Recorder>>;
}

const it = plainIt.extend<Fixtures>({
  poolOf: async ({ server, manager }, use) => {
    await use(async (count, options) => {
      const settings = { backoff: constant(0), stableAfter: 0, drain, ...options };
      const pool = manager.createPool('p', () => new Recorder(), settings);
      for (let index = 0; index < count; index += 1) pool.addConnection(server.port, server.host);
      await pool.ready();
      return pool;
    });
  },
});

function all(pool: Pool<Recorder>): Connection<Recorder>[] {
  return [...pool];
}

const lives = (pool: Pool<Recorder>): number[] => all(pool).map(({ life }) => life);

describe('retire() in a pool', () => {
  it('takes the connection out of use at once, and keeps its place', async ({ poolOf }) => {
    const pool = await poolOf(2);
    const [first, second] = all(pool) as [Connection<Recorder>, Connection<Recorder>];
    let finish = (): void => undefined;
    const onRetire = (): Promise<void> => new Promise((resolve) => (finish = resolve));
    Object.assign(first.handler, { onRetire });
    const retired = first.retire();
    expect([pool.readyCount, pool.size]).toEqual([1, 2]);
    expect([pool.pick(), pool.pick()]).toEqual([second, second]);
    const lease = pool.tryAcquire();
    expect([lease?.connection, pool.tryAcquire()]).toEqual([second, undefined]);
    lease?.release();
    await nextTurn();
    finish();
    await retired;
    await pool.ready();
    expect(all(pool)).toEqual([first, second]);
    expect(lives(pool)).toEqual([2, 1]);
  });

  it('gives no turn to a life that is ending by itself, and counts rightly', async ({ manager }) => {
    await using server = await startFaultServer({ script: () => halfOpen() });
    const pool = manager.createPool('half', () => new Recorder(), {
      backoff: constant(0),
      allowHalfOpen: true,
      drain,
    });
    for (let index = 0; index < 2; index += 1) pool.addConnection(server.port, server.host);
    await pool.ready();
    const [first, second] = all(pool) as [Connection<Recorder>, Connection<Recorder>];
    const renewed = first.retire();
    void second.retire();
    second.socket.end();
    await renewed;
    await first.ready();
    await nextTurn();
    expect(second.state).toBe('ready');
    const [endpoint] = pool.stats().endpoints;
    expect(endpoint).toMatchObject({ size: 2, ready: 2, state: 'up' });
  });

  it('is for one at a time, while another is ready', async ({ poolOf, channels }) => {
    const pool = await poolOf(3);
    let least = Infinity;
    channels.on('connman:connection:reset', () => (least = Math.min(least, pool.readyCount)));
    await Promise.all(all(pool).map((connection) => connection.retire()));
    await pool.ready();
    expect(lives(pool)).toEqual([2, 2, 2]);
    expect(least).toBe(2);
  });

  it('is for one at a time of all endpoints', async ({ poolOf, channels }) => {
    await using second = await startFaultServer();
    await using third = await startFaultServer();
    const pool = await poolOf(1);
    for (const { endpoint } of [second, third]) pool.addConnection(endpoint);
    await pool.ready();
    let least = Infinity;
    channels.on('connman:connection:reset', () => (least = Math.min(least, pool.readyCount)));
    await Promise.all(all(pool).map((connection) => connection.retire()));
    await pool.ready();
    expect([lives(pool), least]).toEqual([[2, 2, 2], 2]);
  });

  it('does not wait for one that does not come back', async ({ poolOf, server }) => {
    const pool = await poolOf(2, { backoff: constant(60_000) });
    await using other = await startFaultServer();
    const connection = pool.addConnection(other.endpoint);
    await pool.ready();
    await server.refuse();
    await Promise.all([all(pool)[0]?.retire(), connection.retire()]);
    expect(pool.stats().resets).toMatchObject({ retired: 2 });
  });

  it('waits for its turn while no other is ready, and goes on being used', async ({ poolOf, server }) => {
    const pool = await poolOf(2, { backoff: constant(60_000) });
    const [first, second] = all(pool) as [Connection<Recorder>, Connection<Recorder>];
    await server.refuse();
    second.reset();
    await until(() => second.state === 'waiting');
    const retired = first.retire();
    await turns();
    expect([pool.pick(), first.life, first.stats().retiring]).toEqual([first, 1, false]);
    await server.listen();
    second.reconnectNow();
    // The picked one has users whom nothing counts.
    await until(() => first.stats().retiring);
    await retired;
    expect(second.life).toBe(2);
  });

  it('is at once where the pool has no other', async ({ poolOf }) => {
    const pool = await poolOf(1);
    await all(pool)[0]?.retire();
    await pool.ready();
    expect(lives(pool)).toEqual([2]);
  });

  it('waits for the lease', async ({ poolOf }) => {
    const pool = await poolOf(2);
    const lease = await pool.acquire();
    const { connection } = lease;
    const retired = connection.retire();
    await turns();
    expect([connection.life, connection.state, connection.stats().retiring]).toEqual([1, 'ready', true]);
    expect(pool.readyCount).toBe(1);
    lease.release();
    await retired;
    expect(connection.handler.resets).toMatchObject([{ code: 'retired' }]);
  });

  it('waits for the lease no longer than drain', async ({ poolOf }) => {
    const pool = await poolOf(1, { drain: 20 });
    const lease = await pool.acquire();
    await lease.connection.retire();
    expect(lease.signal.aborted).toBe(true);
    lease.release();
  });

  it('waits for all of drain where the connection was picked', async ({ manager, server }) => {
    await withFakeTime(async () => {
      const pool = manager.createPool('p', () => new Recorder(), { drain, backoff: constant(0) });
      for (let index = 0; index < 2; index += 1) pool.addConnection(server.port, server.host);
      await passUntil(pool.ready());
      const picked = pool.pick();
      const unused = all(pool).find((each) => each !== picked);
      await passUntil(unused?.retire() ?? Promise.reject(new Error('there is none')));
      await passUntil(pool.ready());
      const retired = picked.retire();
      await pass(drain - 100);
      expect(picked.life).toBe(1);
      await pass(150);
      await passUntil(retired);
      await passUntil(pool.disconnect());
    });
  });

  it('serves those who wait with what is ready next', async ({ poolOf }) => {
    const pool = await poolOf(1);
    const [only] = all(pool);
    const retired = only?.retire();
    const lease = await pool.acquire();
    await retired;
    expect([lease.connection, lease.connection.life]).toEqual([only, 2]);
    lease.release();
  });

  it('is no failure of the pool', async ({ poolOf }) => {
    const pool = await poolOf(2);
    await all(pool)[0]?.retire(new Error('GOAWAY'));
    expect(pool.stats()).toMatchObject({ state: 'degraded', cause: undefined });
  });
});

describe('the end of a pool', () => {
  it('waits for onRetire', async ({ poolOf }) => {
    const pool = await poolOf(2);
    const finish: (() => void)[] = [];
    const onRetire = (): Promise<void> => new Promise((resolve) => finish.push(resolve));
    for (const { handler } of all(pool)) Object.assign(handler, { onRetire });
    const closed = pool.disconnect({ drain: 60_000 });
    await until(() => finish.length === 2);
    expect(pool.stats()).toMatchObject({ ready: 0, states: { ready: 2 } });
    for (const each of finish) each();
    await closed;
  });

  it('takes all of the time for a connection that was picked, and none for the others', async ({
    poolOf,
  }) => {
    const pool = await poolOf(2);
    const picked = pool.pick();
    const closed = pool.disconnect({ drain: 60_000 });
    await until(() => pool.size === 1);
    expect([all(pool), picked.state]).toEqual([[picked], 'ready']);
    await Promise.all([closed, pool.disconnect()]);
  });
});
