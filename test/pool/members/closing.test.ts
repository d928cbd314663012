import { describe, expect } from 'vitest';
import {
  ClosedError,
  constant,
  type Connection,
  type Lease,
  type Pool,
  type PoolOptions,
} from '../../../src/index.js';
import { pass, passUntil, withFakeTime } from '../../support/fake-time.js';
import { it as plainIt, nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

interface Fixtures {
  /** Makes a pool with so many connections. */
  poolOf: (count: number, options?: PoolOptions<Recorder>) => Pool<Recorder>;
}

const it = plainIt.extend<Fixtures>({
  poolOf: async ({ server, manager }, use) => {
    await use((count, options) => {
      const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0), ...options });
      for (let index = 0; index < count; index += 1) pool.addConnection(server.endpoint);
      return pool;
    });
  },
});

const long = 60_000;

function asleep(signal: AbortSignal): AsyncIterable<never> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    }),
  };
}

describe('the signal of a pool', () => {
  it('disconnects it, for that reason, whoever waits', async ({ poolOf, manager }) => {
    const controller = new AbortController();
    const pool = poolOf(1, { signal: controller.signal });
    const lease = await pool.acquire();
    const waiting = [pool.acquire(), pool.ready(2)];
    const enough = new Error('enough');
    const { handler } = lease;
    controller.abort(enough);
    expect(manager.getPool('p')).toBeUndefined();
    for (const late of [...waiting, pool.acquire(), pool.ready()]) {
      // oxlint-disable-next-line no-await-in-loop
      await expect(late).rejects.toMatchObject({
        name: 'ClosedError',
        message: 'pool p is disconnected: enough',
        cause: enough,
      });
    }
    expect(() => pool.pick()).toThrow(ClosedError);
    await handler.until('close');
    expect(handler.closings).toMatchObject([{ code: 'disconnect', error: enough }]);
    await pool.disconnect();
    expect(pool.size).toBe(0);
    expect(poolOf(1).name).toBe('p');
  });

  it('stops discovery, in a pool that has no connection yet', async ({ manager }) => {
    const controller = new AbortController();
    let asked: AbortSignal | undefined;
    const discovery = (signal: AbortSignal): AsyncIterable<never> => asleep((asked = signal));
    const pool = manager.createPool('p', () => new Recorder(), { discovery, signal: controller.signal });
    await until(() => asked !== undefined);
    const waiting = pool.acquire();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'ClosedError', cause: { name: 'AbortError' } });
    expect([asked?.aborted, manager.getPool('p')]).toEqual([true, undefined]);
    await pool.disconnect();
  });

  it('disconnects it at once when it is aborted already', async ({ poolOf, manager }) => {
    expect(() => poolOf(1, { signal: AbortSignal.abort('no error') })).toThrow('pool p is disconnected');
    expect(manager.getPool('p')).toBeUndefined();
    const pool = poolOf(0, { signal: AbortSignal.abort('no error') });
    await expect(pool.acquire()).rejects.toThrow(/^pool p is disconnected$/);
    await pool.disconnect();
  });

  it('is not listened to any more after disconnect()', async ({ poolOf }) => {
    const controller = new AbortController();
    const pool = poolOf(1, { signal: controller.signal });
    const [connection] = pool;
    await connection?.ready();
    await pool.disconnect();
    controller.abort(new Error('later'));
    await expect(pool.acquire()).rejects.toThrow(/^pool p is disconnected$/);
  });

  it('is not the one of addConnection(), which disconnects that connection', async ({ poolOf, server }) => {
    const [ofPool, ofOne] = [new AbortController(), new AbortController()];
    const pool = poolOf(1, { signal: ofPool.signal });
    const other = pool.addConnection(server.endpoint, { signal: ofOne.signal });
    await pool.ready();
    ofOne.abort(new Error('only one'));
    await other.handler.until('close');
    expect(other.handler.closings).toMatchObject([{ code: 'aborted', error: { message: 'only one' } }]);
    expect([pool.size, pool.readyCount]).toEqual([1, 1]);
    ofPool.abort();
    await pool.disconnect();
  });
});

describe('disconnect() with time to drain', () => {
  it('serves those who wait already, one after the other, and nobody else', async ({ poolOf, manager }) => {
    const pool = poolOf(1);
    const first = await pool.acquire();
    const [connection] = pool;
    const served: number[] = [];
    const work = [1, 2, 3].map((number) =>
      pool.use(async ({ socket, handler }) => {
        socket.write(`${number}`);
        await until(() => handler.input.at(-1)?.endsWith(`${number}`) === true);
        served.push(number);
      }),
    );
    const done = pool.disconnect({ drain: long });
    expect(manager.getPool('p')).toBeUndefined();
    await expect(pool.acquire()).rejects.toBeInstanceOf(ClosedError);
    await expect(pool.ready()).rejects.toBeInstanceOf(ClosedError);
    expect(() => pool.tryAcquire()).toThrow(ClosedError);
    expect(() => pool.pick()).toThrow(ClosedError);
    expect(() => pool.addConnection(1, '127.0.0.1')).toThrow(ClosedError);
    first.release();
    await Promise.all(work);
    expect(served).toEqual([1, 2, 3]);
    await done;
    expect([connection?.state, pool.size]).toEqual(['closed', 0]);
  });

  it('serves those who wait for a dial, and closes at once when they are served', async ({ poolOf }) => {
    const pool = poolOf(3);
    const waiting = [pool.acquire(), pool.acquire()];
    const done = pool.disconnect({ drain: long });
    const leases = await Promise.all(waiting);
    for (const lease of leases) expect(lease.connection.state).toBe('ready');
    for (const lease of leases) lease.release();
    await done;
  });

  it('dials again for those who wait', async ({ poolOf, server }) => {
    const pool = poolOf(1);
    const lease = await pool.acquire();
    const waiter = pool.acquire();
    const done = pool.disconnect({ drain: long });
    server.dropAll('reset');
    await lease.handler.until('reset');
    lease.release();
    const next = await waiter;
    expect(next.connection.life).toBe(2);
    next.release();
    await done;
  });

  it('rejects those who still wait when the time is over, and ends their leases', async ({ poolOf }) => {
    await withFakeTime(async () => {
      const pool = poolOf(1);
      await passUntil(pool.ready());
      const lease = await pool.acquire({ timeout: long });
      const waiters = [pool.acquire({ timeout: long }), pool.acquire({ timeout: long })];
      const outcomes = Promise.allSettled(waiters);
      const done = pool.disconnect({ drain: 1_000, reason: new Error('stop') });
      await pass(500);
      lease.release();
      const second = (await waiters[0]) as Lease<Recorder>;
      await pass(400);
      expect([second.signal.aborted, pool.stats().waiting]).toEqual([false, 1]);
      await pass(200);
      expect((await outcomes)[1]).toMatchObject({
        status: 'rejected',
        reason: { name: 'ClosedError', message: 'pool p is disconnected: stop' },
      });
      await passUntil(done);
      expect(second.signal.aborted).toBe(true);
      second.release();
    });
  });

  it('gives leases the rest of the time when the last one that waited is gone', async ({ poolOf }) => {
    await withFakeTime(async () => {
      const pool = poolOf(1);
      await passUntil(pool.ready());
      const lease = await pool.acquire();
      const waiter = pool.acquire({ timeout: 300 });
      const done = pool.disconnect({ drain: 1_000 });
      await expect(passUntil(waiter)).rejects.toMatchObject({ name: 'TimeoutError' });
      await pass(500);
      expect(lease.signal.aborted).toBe(false);
      await pass(300);
      expect(lease.signal.aborted).toBe(true);
      await passUntil(done);
      lease.release();
    });
  });

  it('is cut short by a second call, which fails those who wait', async ({ poolOf }) => {
    const pool = poolOf(1);
    const lease = await pool.acquire();
    const waiter = pool.acquire();
    const done = pool.disconnect({ drain: long });
    await nextTurn();
    expect(lease.signal.aborted).toBe(false);
    const again = pool.disconnect();
    await expect(waiter).rejects.toBeInstanceOf(ClosedError);
    await Promise.all([done, again]);
    expect(lease.signal.aborted).toBe(true);
    lease.release();
  });

  it('rejects those for whom nothing can come any more', async ({ manager, poolOf }) => {
    const discovery = asleep(new AbortController().signal);
    const empty = manager.createPool('empty', () => new Recorder(), { discovery });
    const early = empty.acquire();
    void empty.disconnect({ drain: long });
    await expect(early).rejects.toBeInstanceOf(ClosedError);
    const pool = poolOf(1);
    const lease = await pool.acquire();
    const waiter = expect(pool.acquire()).rejects.toBeInstanceOf(ClosedError);
    const done = pool.disconnect({ drain: long });
    await (lease.connection as Connection).disconnect({ grace: 0 });
    await waiter;
    await done;
    lease.release();
  });
});
