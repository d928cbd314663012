import { once } from 'node:events';
import { describe, expect } from 'vitest';
import {
  ClosedError,
  ConnmanError,
  constant,
  NoConnectionError,
  OptionError,
  QueueFullError,
  TimeoutError,
  type Connection,
  type Handler,
  LifeEndedError,
  type Lease,
  type LeaseOptions,
  type ManagedSocket,
  type Pool,
  type PoolOptions,
  type Reset,
} from '../../../src/index.js';
import { echo, greet, respond } from '../../../src/testing/index.js';
import { call } from '../../support/call.js';
import { pass, withFakeTime } from '../../support/fake-time.js';
import { it as plainIt, nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

const atOnce = { backoff: constant(0) };

interface Fixtures {
  /** Makes a pool with so many connections, which are ready. */
  poolOf: (count: number, options?: PoolOptions<Recorder>) => Promise<Pool<Recorder>>;
}

const it = plainIt.extend<Fixtures>({
  poolOf: async ({ server, manager }, use) => {
    await use(async (count, options) => {
      const pool = manager.createPool('p', () => new Recorder(), { ...atOnce, ...options });
      for (let index = 0; index < count; index += 1) pool.addConnection(server.port, server.host);
      await pool.ready();
      return pool;
    });
  },
});

const takenIn = (pool: Pool<Recorder>): number => pool.stats().leased;

function tryToTake(pool: Pool<Recorder>, options?: LeaseOptions): Lease<Recorder> {
  const lease = pool.tryAcquire(options);
  if (!lease) throw new Error('nothing is free');
  return lease;
}

describe('a lease', () => {
  it('is exclusive, and gives the socket, the handler and the connection', async ({ poolOf }) => {
    const pool = await poolOf(2);
    const [first, second] = [tryToTake(pool), tryToTake(pool)];
    expect(pool.tryAcquire()).toBeUndefined();
    expect([first.connection, second.connection]).toEqual([...pool]);
    expect(first.socket).toBe(pool.getConnection(0));
    expect(first.handler).toBe(pool.getHandler(0));
    first.release();
    expect(tryToTake(pool).connection).toBe(first.connection);
    second.release();
  });

  it('gives nothing any more once it is over, and ends once', async ({ poolOf }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool);
    lease.release();
    const released = { code: 'CONNMAN_RELEASED', pool: 'p' };
    expect(() => lease.release()).toThrow(expect.objectContaining(released));
    expect(() => lease.discard()).toThrow(ConnmanError);
    expect(() => lease.socket).toThrow(expect.objectContaining(released));
    expect(() => lease.handler).toThrow(expect.objectContaining(released));
    expect(lease.connection).toBe([...pool][0]);
    expect(takenIn(pool)).toBe(0);
    const next = tryToTake(pool);
    expect(() => lease.release()).toThrow(expect.objectContaining(released));
    expect(pool.tryAcquire()).toBeUndefined();
    next.release();
  });

  it('discarded, may be released and discarded once more, and nobody else is disturbed', async ({
    poolOf,
  }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool);
    const next = pool.acquire();
    const failure = new Error('the real one');
    const work = (): void => {
      try {
        throw failure;
      } catch (error) {
        lease.discard(error as Error);
        throw error;
      } finally {
        lease.release();
      }
    };
    expect(work).toThrow(failure);
    const { connection, handler, signal } = await next;
    expect(connection.life).toBe(2);
    lease.release();
    lease.discard();
    {
      using again = lease;
      expect(again.connection).toBe(connection);
    }
    expect(() => lease.socket).toThrow(expect.objectContaining({ code: 'CONNMAN_RELEASED' }));
    expect(takenIn(pool)).toBe(1);
    await nextTurn();
    expect([signal.aborted, handler.resets.length]).toEqual([false, 1]);
    (await next).release();
  });

  it('is released by `using`, unless that is done', async ({ poolOf }) => {
    const pool = await poolOf(1);
    {
      using lease = tryToTake(pool);
      expect(takenIn(pool)).toBe(1);
      expect(lease.connection.state).toBe('ready');
    }
    expect(takenIn(pool)).toBe(0);
    {
      using lease = await pool.acquire();
      lease.release();
    }
    expect(takenIn(pool)).toBe(0);
  });

  it('discarded, ends the life for the reason given, and nobody gets it before the next', async ({
    poolOf,
  }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool);
    const waiter = pool.acquire();
    const { handler, connection } = lease;
    const reason = new Error('half an answer');
    lease.discard(reason);
    expect([pool.readyCount, pool.tryAcquire()]).toEqual([0, undefined]);
    expect(() => pool.pick()).toThrow(NoConnectionError);
    const next = await waiter;
    expect(handler.resets).toMatchObject([{ code: 'requested', error: reason, life: 1 }]);
    expect([next.connection, connection.life]).toEqual([connection, 2]);
    next.release();
  });

  it('that is lasting, discarded after its life, ends the next one, which the borrower could have used', async ({
    poolOf,
    server,
  }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool, { lasting: true });
    const { handler, connection } = lease;
    server.dropAll('end');
    await handler.until('reconnect');
    await until(() => connection.state === 'ready');
    lease.discard();
    await handler.until('reset', 2);
    expect(handler.resets[1]).toMatchObject({ code: 'requested', life: 2 });
  });

  it('discarded in an outage, does nothing to the next life', async ({ poolOf, server }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool);
    const { handler, connection } = lease;
    server.dropAll('end');
    await handler.until('reset');
    lease.discard();
    await until(() => connection.state === 'ready');
    expect(tryToTake(pool).connection).toBe(connection);
    expect(handler.resets).toHaveLength(1);
  });

  it('refuses a reason that is no error, and is still there', async ({ poolOf }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool);
    expect(() => call(lease, 'discard', 'no reason')).toThrow(OptionError);
    expect(takenIn(pool)).toBe(1);
    lease.release();
  });

  it('has a signal that aborts when the life ends, not at the release', async ({ poolOf, server }) => {
    const pool = await poolOf(1);
    const early = tryToTake(pool);
    const { signal } = early;
    early.release();
    expect(signal.aborted).toBe(false);
    const lease = tryToTake(pool);
    expect(lease.signal).toBe(lease.signal);
    const { handler } = lease;
    server.dropAll('reset');
    await handler.until('reset');
    expect(lease.signal.aborted).toBe(true);
    const [reset] = handler.resets;
    expect(lease.signal.reason).toBeInstanceOf(LifeEndedError);
    expect(lease.signal.reason).toMatchObject({
      message: expect.stringMatching(/^life 1 with 127.0.0.1:\d+ is over: /),
      pool: 'p',
      reset,
      ...(reset?.error && { cause: reset.error }),
    });
    expect(signal.aborted).toBe(false);
    lease.release();
  });

  it('has a signal that is aborted already when it is asked for late', async ({ poolOf, server }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool);
    const { handler } = lease;
    server.dropAll('end');
    await handler.until('reset');
    expect(lease.signal.aborted).toBe(true);
    expect(lease.signal.reason).toMatchObject({ cause: { code: 'CONNMAN_CLOSED' } });
    lease.release();
  });

  it('that is lasting, outlives its life: the connection is lent until it is released', async ({
    poolOf,
    server,
  }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool, { lasting: true });
    const { handler } = lease;
    server.dropAll('end');
    await handler.until('reconnect');
    await until(() => pool.readyCount === 1);
    expect(pool.tryAcquire()).toBeUndefined();
    expect(() => pool.pick()).toThrow('1 of 1 are ready, 1 are lent');
    lease.release();
    expect(pool.pick()).toBe([...pool][0]);
  });

  it('aborts its signal when the change is complete, before the handler is told', async ({
    poolOf,
    server,
  }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool);
    const { handler, connection } = lease;
    const seen: unknown[] = [];
    lease.signal.addEventListener('abort', () => {
      seen.push([connection.state, handler.count('reset'), pool.readyCount]);
      lease.release();
      void connection.disconnect();
    });
    server.dropAll('end');
    await handler.until('close');
    expect(seen).toEqual([['waiting', 0, 0]]);
    expect([handler.count('reset'), pool.size]).toEqual([1, 0]);
  });
});

describe('acquire', () => {
  it('serves in the order of the calls, one for each that comes back', async ({ poolOf }) => {
    const pool = await poolOf(2);
    const held = [tryToTake(pool), tryToTake(pool)];
    const served: number[] = [];
    const waiters = [1, 2, 3, 4].map(async (number) => {
      const lease = await pool.acquire();
      served.push(number);
      return lease;
    });
    expect(pool.stats()).toMatchObject({ waiting: 4, leased: 2, waits: 4 });
    held[1]?.release();
    await nextTurn();
    expect([served, pool.stats().waiting]).toEqual([[1], 3]);
    held[0]?.release();
    await nextTurn();
    expect(served).toEqual([1, 2]);
    expect(pool.tryAcquire()).toBeUndefined();
    (await waiters[0])?.release();
    (await waiters[1])?.release();
    const rest = await Promise.all(waiters.slice(2));
    expect(served).toEqual([1, 2, 3, 4]);
    for (const lease of rest) lease.release();
    expect(pool.stats()).toMatchObject({ waiting: 0, leased: 0, leases: 6 });
  });

  it('waits for a connection that is not ready yet', async ({ server, manager }) => {
    await server.refuse();
    const pool = manager.createPool('p', () => new Recorder(), atOnce);
    const { handler } = pool.addConnection(server.port, server.host);
    const waiter = pool.acquire();
    await handler.until('retry', 2);
    await server.listen();
    const lease = await waiter;
    expect(lease.connection.state).toBe('ready');
    lease.release();
  });

  it('rejects at its deadline, with the last real cause when nothing is ready', async ({
    server,
    manager,
  }) => {
    await server.refuse();
    await withFakeTime(async () => {
      const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(100) });
      const { handler } = pool.addConnection(server.port, server.host);
      const early = pool.acquire({ timeout: 500 });
      const late = pool.acquire();
      const settled: string[] = [];
      const heard = [early, late].map((promise, index) =>
        promise.catch((error: unknown) => (settled.push(String(index)), error)),
      );
      await pass(499, 1);
      expect(settled).toEqual([]);
      await pass(2, 1);
      expect(settled).toEqual(['0']);
      const error = await heard[0];
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({
        timeout: 500,
        pool: 'p',
        message: expect.stringMatching(
          /^no connection of pool p was free within 500 ms: 0 of 1 are ready, 0 are lent: dial .* ECONNREFUSED/,
        ) as string,
        cause: { code: 'CONNMAN_DIAL', cause: { code: 'ECONNREFUSED' } },
      });
      await pass(4_450, 50);
      expect(settled).toEqual(['0']);
      await pass(60, 10);
      expect(settled).toEqual(['0', '1']);
      expect(handler.count('retry')).toBeGreaterThan(10);
      expect(pool.stats()).toMatchObject({ waiting: 0, timeouts: 2, waits: 2, leases: 0 });
    });
  });

  it('rejects without a cause when all are lent', async ({ poolOf }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool);
    await expect(pool.acquire({ timeout: 0 })).rejects.toMatchObject({
      code: 'CONNMAN_TIMEOUT',
      message: expect.stringContaining('1 of 1 are ready, 1 are lent'),
    });
    // It was not in the queue at all.
    expect(pool.stats()).toMatchObject({ waits: 0, timeouts: 1 });
    lease.release();
    (await pool.acquire({ timeout: 0 })).release();
  });

  it('gives nothing to who is late, and serves the next', async ({ poolOf }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool);
    const late = pool.acquire({ timeout: 5 });
    const patient = pool.acquire();
    await expect(late).rejects.toBeInstanceOf(TimeoutError);
    lease.release();
    (await patient).release();
    expect(pool.stats()).toMatchObject({ leased: 0, waiting: 0, timeouts: 1, leases: 2 });
  });

  it('rejects with the reason of its signal, before, while and not after it waits', async ({ poolOf }) => {
    const pool = await poolOf(1);
    const reason = new Error('enough');
    await expect(pool.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const lease = tryToTake(pool);
    const controller = new AbortController();
    const [first, second] = [pool.acquire({ signal: controller.signal }), pool.acquire()];
    controller.abort(reason);
    await expect(first).rejects.toBe(reason);
    expect(pool.stats()).toMatchObject({ waiting: 1, failedAcquires: 2 });
    lease.release();
    (await second).release();
    const later = new AbortController();
    const kept = await pool.acquire({ signal: later.signal });
    later.abort();
    expect(kept.connection.state).toBe('ready');
    kept.release();
  });

  it('refuses more than maxWaiters, and none as long as something is free', async ({ poolOf }) => {
    const pool = await poolOf(1, { maxWaiters: 1 });
    const lease = await pool.acquire();
    const waiter = pool.acquire();
    const refused = pool.acquire();
    await expect(refused).rejects.toBeInstanceOf(QueueFullError);
    await expect(refused).rejects.toMatchObject({ code: 'CONNMAN_QUEUE_FULL', pool: 'p' });
    lease.release();
    (await waiter).release();
    (await pool.acquire()).release();
    expect(pool.stats()).toMatchObject({ refusals: 1, leases: 3 });
  });

  it('rejects at once in a pool without connections', async ({ manager }) => {
    const pool = manager.createPool('empty', () => new Recorder());
    await expect(pool.acquire()).rejects.toBeInstanceOf(NoConnectionError);
    expect(() => pool.pick()).toThrow('no connection of pool empty can be used: there is none');
    expect(pool.tryAcquire()).toBeUndefined();
  });

  it('rejects at once when every connection has given up, with what it failed by', async ({
    server,
    manager,
  }) => {
    await server.refuse();
    const pool = manager.createPool('p', () => new Recorder(), { ...atOnce, maxAttempts: 3 });
    pool.addConnection(server.port, server.host);
    pool.addConnection(server.port, server.host);
    const waiters = [pool.acquire(), pool.acquire()];
    for (const waiter of waiters) {
      await expect(waiter).rejects.toBeInstanceOf(NoConnectionError);
      await expect(waiter).rejects.toMatchObject({ cause: { cause: { code: 'ECONNREFUSED' } } });
    }
    expect(pool.stats()).toMatchObject({ size: 0, waiting: 0, failedAcquires: 2 });
  });

  it('rejects at once when the pool is disconnected, also from then on', async ({ poolOf }) => {
    const pool = await poolOf(1);
    const lease = tryToTake(pool);
    const waiter = pool.acquire();
    const closed = pool.disconnect();
    await expect(waiter).rejects.toBeInstanceOf(ClosedError);
    await expect(pool.acquire()).rejects.toBeInstanceOf(ClosedError);
    await expect(pool.use(() => 5)).rejects.toBeInstanceOf(ClosedError);
    expect(() => pool.tryAcquire()).toThrow(ClosedError);
    expect(() => pool.pick()).toThrow(ClosedError);
    lease.release();
    await closed;
  });

  it('refuses wrong options at the call', async ({ poolOf }) => {
    const pool = await poolOf(1);
    for (const wrong of [5, null, 'x', [], { timeout: -1 }, { timeout: '5' }, { signal: 5 }, { other: 1 }]) {
      expect(() => call(pool, 'acquire', wrong)).toThrow(OptionError);
    }
    for (const wrong of [5, null, 'x', [], { timeout: 5 }, { lasting: 1 }])
      expect(() => call(pool, 'tryAcquire', wrong)).toThrow(OptionError);
    expect(() => call(pool, 'acquire', { lasting: 'yes' })).toThrow('lasting: expected true or false');
    expect(takenIn(pool)).toBe(0);
  });

  it('never lends what is about to end: destroyed, ended by us or by the peer', async ({ poolOf }) => {
    const pool = await poolOf(3);
    const [first, second, third] = [...pool] as unknown as [Connection, Connection, Connection];
    first.socket.destroy();
    second.socket.end();
    expect(pool.pick()).toBe(third);
    expect(pool.readyCount).toBe(1);
    const lease = tryToTake(pool);
    expect([lease.connection, pool.tryAcquire()]).toEqual([third, undefined]);
    lease.release();
    await until(() => pool.readyCount === 3);
    expect([first.life, second.life, third.life]).toEqual([2, 2, 1]);
  });
});

describe('unread input', () => {
  /** Leaves the reading to whoever has the connection. */
  class Unheard implements Handler {
    readonly resets: Reset[] = [];

    onConnect(socket: ManagedSocket): void {
      socket.pause();
    }

    onReset(reset: Reset): void {
      this.resets.push(reset);
    }

    onReconnect(socket: ManagedSocket): void {
      socket.pause();
    }
  }

  it('at the release ends the life, so that nobody else reads it', async ({ server, manager }) => {
    server.script = (connection) => (connection === 1 ? respond(() => 'answer') : echo());
    const pool = manager.createPool('p', () => new Unheard(), atOnce);
    const { handler } = pool.addConnection(server.port, server.host);
    await pool.ready();
    const lease = await pool.acquire();
    lease.socket.write('question');
    await once(lease.socket, 'readable');
    lease.release();
    expect([pool.readyCount, pool.tryAcquire()]).toEqual([0, undefined]);
    const next = await pool.acquire();
    expect([next.connection.life, next.socket.readableLength]).toEqual([2, 0]);
    expect(handler.resets).toMatchObject([
      {
        code: 'requested',
        error: {
          code: 'CONNMAN_UNREAD_INPUT',
          message: '6 bytes were left unread by who had the connection before',
        },
      },
    ]);
    next.release();
  });

  it('that comes after the release ends the life before the next borrower', async ({ server, manager }) => {
    server.script = (connection) => (connection === 1 ? respond(() => 'late') : echo());
    const pool = manager.createPool('p', () => new Unheard(), atOnce);
    const { socket, handler } = pool.addConnection(server.port, server.host);
    await pool.ready();
    await pool.use(() => void socket.write('a question that is not waited for'));
    await until(() => socket.readableLength === 4);
    const next = await pool.acquire();
    expect([next.connection.life, handler.resets.length]).toEqual([2, 1]);
    next.release();
  });

  it('is no reason not to pick', async ({ server, manager }) => {
    server.script = () => greet('news');
    const pool = manager.createPool('p', () => new Unheard(), atOnce);
    const connection = pool.addConnection(server.port, server.host);
    await pool.ready();
    await once(connection.socket, 'readable');
    expect(connection.socket.readableLength).toBe(4);
    expect(pool.pick()).toBe(connection);
    expect(connection.life).toBe(1);
  });
});

describe('use', () => {
  it('lends for as long as the work lasts, and gives its result', async ({ poolOf }) => {
    const pool = await poolOf(1);
    const result = await pool.use(async ({ socket }) => {
      expect(takenIn(pool)).toBe(1);
      await nextTurn();
      return socket.remotePort;
    });
    expect(result).toBe(pool.getConnection(0).remotePort);
    expect(await pool.use(() => 5)).toBe(5);
    expect([takenIn(pool), pool.getHandler(0).resets]).toEqual([0, []]);
  });

  it('ends the life when the work fails', async ({ poolOf }) => {
    const pool = await poolOf(1);
    const { handler } = [...pool][0] as Connection<Recorder>;
    const error = new Error('no answer');
    const failing = pool.use(() => {
      throw error;
    });
    await expect(failing).rejects.toBe(error);
    // oxlint-disable-next-line prefer-promise-reject-errors
    await expect(pool.use(() => Promise.reject('a string'))).rejects.toBe('a string');
    await handler.until('reset', 2);
    expect(handler.resets).toMatchObject([{ code: 'requested', error }, { code: 'requested' }]);
    expect(handler.resets[1]).not.toHaveProperty('error');
    expect(takenIn(pool)).toBe(0);
  });

  it('leaves the connection alone when the work has released it', async ({ poolOf }) => {
    const pool = await poolOf(1);
    await pool.use((lease) => lease.release());
    const failing = pool.use((lease) => {
      lease.release();
      throw new Error('too late to matter');
    });
    await expect(failing).rejects.toThrow('too late to matter');
    expect([takenIn(pool), pool.getHandler(0).resets, pool.readyCount]).toEqual([0, [], 1]);
  });

  it('refuses what is no function, and passes its options on', async ({ poolOf }) => {
    const pool = await poolOf(1);
    await expect(call(pool, 'use', 5)).rejects.toBeInstanceOf(OptionError);
    const lease = tryToTake(pool);
    await expect(pool.use(() => 5, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
    lease.release();
  });
});

describe('a lease that is held for too long', () => {
  it('is reported once, with the place that took it', async ({ poolOf }) => {
    const warnings: (Error & { code?: string })[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    const pool = await poolOf(2, { leakWarning: 20 });
    const short = tryToTake(pool);
    const lease = await takeForLong(pool);
    short.release();
    await until(() => warnings.length > 0);
    await nextTurn();
    process.off('warning', warned);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ name: 'ConnmanLeakWarning', code: 'CONNMAN_LEAK' });
    const { id } = lease.connection;
    expect(warnings[0]?.message).toMatch(
      new RegExp(
        `^a lease of connection ${id} of pool p is held for more than 20 ms; it was taken\n[^]*takeForLong`,
      ),
    );
    lease.release();
  });

  function takeForLong(pool: Pool<Recorder>): Promise<Lease<Recorder>> {
    return pool.acquire();
  }
});
