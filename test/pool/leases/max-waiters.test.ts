import { describe, expect } from 'vitest';
import { constant, QueueFullError, TimeoutError, type Pool, type PoolOptions } from '../../../src/index.js';
import { passUntil, withFakeTime } from '../../support/fake-time.js';
import { it as plainIt, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

interface Fixtures {
  /** Makes a pool with so many connections, which may not wait behind one another. */
  poolOf: (count: number, options?: PoolOptions<Recorder>) => Pool<Recorder>;
}

const it = plainIt.extend<Fixtures>({
  poolOf: async ({ server, manager }, use) => {
    await use((count, options) => {
      const pool = manager.createPool('p', () => new Recorder(), {
        backoff: constant(0),
        maxWaiters: 0,
        ...options,
      });
      for (let index = 0; index < count; index += 1) pool.addConnection(server.endpoint);
      return pool;
    });
  },
});

describe('maxWaiters: 0', () => {
  it('lets as many wait as connections dial for the first time, and no more', async ({ poolOf }) => {
    const pool = poolOf(2);
    const waiting = [pool.acquire(), pool.acquire()];
    await expect(pool.acquire()).rejects.toThrow('2 wait for a connection of pool p already');
    const leases = await Promise.all(waiting);
    expect(pool.stats()).toMatchObject({ leased: 2, refusals: 1 });
    for (const lease of leases) lease.release();
  });

  it('refuses at once to wait behind others', async ({ poolOf }) => {
    const pool = poolOf(1);
    const lease = await pool.acquire();
    const refused = pool.acquire();
    await expect(refused).rejects.toBeInstanceOf(QueueFullError);
    await expect(refused).rejects.toThrow(
      'no connection of pool p is free, and none may wait for one: 1 of 1 are ready, 1 are lent',
    );
    lease.release();
    (await pool.acquire()).release();
  });

  it('counts what is new beside what is lent', async ({ poolOf, server }) => {
    const pool = poolOf(1);
    const lease = await pool.acquire();
    const added = pool.addConnection(server.endpoint);
    const waiter = pool.acquire();
    await expect(pool.acquire()).rejects.toBeInstanceOf(QueueFullError);
    const next = await waiter;
    expect(next.connection).toBe(added);
    next.release();
    lease.release();
  });

  it('refuses at once in an outage', async ({ poolOf, server }) => {
    const pool = poolOf(1, { backoff: constant(10_000) });
    await pool.ready();
    await server.refuse();
    server.dropAll('reset');
    await until(() => pool.readyCount === 0);
    await expect(pool.acquire()).rejects.toBeInstanceOf(QueueFullError);
  });

  it('waits for the first handshake as well', async ({ manager, server }) => {
    let finish = (): void => undefined;
    const pool = manager.createPool(
      'p',
      () => ({ onConnect: () => new Promise<void>((resolve) => (finish = resolve)) }),
      { maxWaiters: 0 },
    );
    const connection = pool.addConnection(server.endpoint);
    await until(() => connection.state === 'handshaking');
    const waiter = pool.acquire();
    finish();
    (await waiter).release();
  });

  it('waits for a first dial until the timeout', async ({ poolOf, server }) => {
    await server.refuse();
    await withFakeTime(async () => {
      const pool = poolOf(1, { acquireTimeout: 300, backoff: constant(50) });
      const error = await passUntil(pool.acquire()).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ timeout: 300, cause: { name: 'DialError' } });
      await pool.disconnect();
    });
  });

  it('waits for the first answer of discovery, and for what it brings', async ({ poolOf, server }) => {
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const pool = poolOf(0, {
      async *discovery() {
        await answered;
        yield [server.endpoint];
        await new Promise(() => undefined);
      },
    });
    const waiter = pool.acquire();
    answer();
    (await waiter).release();
  });
});
