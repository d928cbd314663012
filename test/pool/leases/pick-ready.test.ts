import { describe, expect } from 'vitest';
import {
  ClosedError,
  constant,
  NoConnectionError,
  QueueFullError,
  TimeoutError,
  type Connection,
  type ConnectionManager,
  type Pool,
  type PoolOptions,
} from '../../../src/index.js';
import type { FaultServer } from '../../../src/testing/index.js';
import { it, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { expectOptionErrors } from '../../support/refusal.js';

/** A pool of so many connections, all ready. */
async function readyPool(
  manager: ConnectionManager,
  server: FaultServer,
  count = 1,
  options: PoolOptions<Recorder> = {},
): Promise<Pool<Recorder>> {
  const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0), ...options });
  for (let index = 0; index < count; index += 1) pool.addConnection(server.endpoint);
  await pool.ready();
  return pool;
}

describe('pickReady()', () => {
  it('gives what pick() would give', async ({ manager, server }) => {
    const pool = await readyPool(manager, server, 2);
    const picked = [await pool.pickReady(), await pool.pickReady()];
    expect(new Set(picked)).toEqual(new Set(pool));
    expect(picked).toContain(await pool.pickReady({ key: 'a' }));
  });

  it('waits for the first connection, and through an outage', async ({ manager, server }) => {
    const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0) });
    pool.addConnection(server.endpoint);
    expect((await pool.pickReady()).state).toBe('ready');
    await server.refuse();
    server.dropAll('reset');
    await until(() => pool.readyCount === 0);
    const picks = Promise.all([pool.pickReady(), pool.pickReady()]);
    await server.listen();
    const [one, other] = await picks;
    expect(one).toBe(other);
  });

  it('is served in turn with those who wait for a lease, and takes nothing from them', async ({
    manager,
    server,
  }) => {
    const pool = await readyPool(manager, server);
    const held = await pool.acquire();
    const order: string[] = [];
    const note = (name: string) => (): void => void order.push(name);
    const calls = [
      pool.pickReady().then(note('pick')),
      pool.acquire().then((lease) => (note('lease')(), lease.release())),
      pool.pickReady({ key: 'a' }).then(note('pick by key')),
      pool.acquire().then((lease) => (note('another lease')(), lease.release())),
    ];
    expect(pool.stats().waiting).toBe(4);
    held.release();
    await Promise.all(calls);
    expect(order).toEqual(['pick', 'lease', 'pick by key', 'another lease']);
  });

  it('does not overtake who waits for a lease', async ({ manager, server }) => {
    const pool = await readyPool(manager, server);
    const held = await pool.acquire();
    const lease = pool.acquire();
    const pick = pool.pickReady();
    held.release();
    const second = await lease;
    expect(pool.stats().waiting).toBe(1);
    second.release();
    expect(await pick).toBe(second.connection);
  });

  it('ends at its timeout, at an abort, with the queue full, and with the pool', async ({
    manager,
    server,
  }) => {
    const pool = await readyPool(manager, server, 1, { maxWaiters: 1 });
    await pool.acquire();
    await expect(pool.pickReady({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
    await expect(pool.pickReady({ timeout: 5 })).rejects.toBeInstanceOf(TimeoutError);
    const reason = new Error('no need');
    await expect(pool.pickReady({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const aborted = pool.pickReady({ signal: controller.signal });
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    const waiting = pool.pickReady();
    await expect(pool.pickReady()).rejects.toBeInstanceOf(QueueFullError);
    const failed = expect(waiting).rejects.toBeInstanceOf(ClosedError);
    await pool.disconnect();
    await failed;
    await expect(pool.pickReady()).rejects.toBeInstanceOf(ClosedError);
  });

  it('rejects at once where nothing can become ready, and with what the program throws', async ({
    manager,
    server,
  }) => {
    const empty = manager.createPool('empty', () => new Recorder());
    await expect(empty.pickReady()).rejects.toBeInstanceOf(NoConnectionError);
    const error = new Error('no idea');
    const pool = await readyPool(manager, server, 1, {
      pick: () => {
        throw error;
      },
    });
    await expect(pool.pickReady()).rejects.toBe(error);
  });

  it('lets the event loop turn, in a loop that does not', async ({ manager, server }) => {
    const pool = await readyPool(manager, server);
    for (const ask of [() => pool.pickReady(), () => pool.ready(1)]) {
      const timer = { isOver: false };
      setTimeout(() => (timer.isOver = true), 5);
      let count = 0;
      // oxlint-disable-next-line no-await-in-loop -- that is the point
      while (!timer.isOver && count < 1_000_000) count += Number((await ask()) !== null);
      expect(timer.isOver).toBe(true);
    }
  });

  it('refuses wrong options', async ({ manager, server }) => {
    const pool = await readyPool(manager, server);
    const wrong = [1, null, {}, Symbol('a')];
    expectOptionErrors('options.key', wrong, (key) => pool.pick({ key: key as never }));
    expectOptionErrors('options.key', wrong, (key) => void pool.pickReady({ key: key as never }));
    expectOptionErrors(
      'options.timeout',
      [-1, '5'],
      (timeout) => void pool.pickReady({ timeout: timeout as never }),
    );
    expectOptionErrors('options', [{ keys: 'a' }, 5, null], (options) => pool.pick(options as never));
  });
});

describe('pick({ key })', () => {
  it('gives a connection to the same server, in turn, until that is down', async ({ manager, server }) => {
    const pool = await readyPool(manager, server, 3);
    const picked = [1, 2, 3].map(() => pool.pick({ key: 'a' }));
    expect(new Set<Connection>(picked)).toEqual(new Set(pool));
    expect(new Set([1, 2, 3].map(() => pool.pick()))).toEqual(new Set(pool));
  });
});
