import { describe, expect } from 'vitest';
import { ClosedError, constant, OptionError, type Connection, type Pool } from '../../../src/index.js';
import { call } from '../../support/call.js';
import { it as plainIt, nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

interface Fixtures {
  /** A pool with two connections, which are ready. */
  pool: Pool<Recorder>;
}

const it = plainIt.extend<Fixtures>({
  pool: async ({ server, manager }, use) => {
    const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0) });
    pool.addConnection(server.port, server.host);
    pool.addConnection(server.port, server.host);
    await pool.ready();
    await use(pool);
  },
});

const long = 60_000;

/** Whether a promise is settled, as far as microtasks go. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await nextTurn();
  return settled;
}

describe('disconnect with time to drain', () => {
  it('lets leases finish, and ends what is free at once', async ({ pool, manager }) => {
    const [first, second] = [...pool] as unknown as [Connection, Connection];
    const lease = await pool.acquire();
    const done = pool.disconnect({ drain: long });
    expect(manager.getPool('p')).toBeUndefined();
    expect(() => pool.tryAcquire()).toThrow(ClosedError);
    await until(() => second.state === 'closed');
    expect([first.state, pool.size, pool.readyCount]).toEqual(['ready', 1, 0]);
    expect(await isSettled(done)).toBe(false);
    expect(lease.signal.aborted).toBe(false);
    lease.release();
    await done;
    expect([first.state, lease.signal.aborted, pool.size]).toEqual(['closed', false, 0]);
    expect(lease.connection).toBe(first);
  });

  it('ends leases when the time is over', async ({ pool }) => {
    const lease = await pool.acquire();
    const { signal, handler } = lease;
    await pool.disconnect({ drain: 10 });
    expect(signal.aborted).toBe(true);
    expect(handler.resets).toMatchObject([{ code: 'disconnect' }]);
    lease.release();
    expect(pool.stats()).toMatchObject({ leased: 0, size: 0 });
  });

  it('ends leases at once without it, or when asked again', async ({ pool }) => {
    const lease = await pool.acquire();
    const done = pool.disconnect({ drain: long });
    await nextTurn();
    expect(lease.signal.aborted).toBe(false);
    await Promise.all([done, pool.disconnect()]);
    expect(lease.signal.aborted).toBe(true);
    lease.release();
  });

  it('closes a connection whose life ends meanwhile, instead of dialling again', async ({ pool, server }) => {
    const lease = await pool.acquire();
    const { handler } = lease;
    const done = pool.disconnect({ drain: long });
    server.dropAll('reset');
    await done;
    expect([handler.count('reset'), handler.count('reconnect'), handler.count('close')]).toEqual([1, 0, 1]);
    lease.discard();
  });

  it('closes after a discard as well', async ({ pool }) => {
    const lease = await pool.acquire();
    const done = pool.disconnect({ drain: long });
    lease.discard();
    await done;
    expect(pool.size).toBe(0);
  });

  it('is passed on by disconnectAll', async ({ pool, manager, server }) => {
    const alone = manager.connect(server.port, server.host, new Recorder());
    const lease = await pool.acquire();
    const done = manager.disconnectAll({ drain: long, grace: 0 });
    await until(() => alone.state === 'closed');
    expect(lease.connection.state).toBe('ready');
    lease.release();
    await done;
  });

  it('refuses wrong options, and changes nothing then', async ({ pool, manager }) => {
    const [connection] = pool;
    for (const wrong of [5, null, { drain: -1 }, { drain: '5' }, { grace: Infinity }, { other: 1 }]) {
      expect(() => call(pool, 'disconnect', wrong)).toThrow(OptionError);
      expect(() => call(pool, 'removeConnection', connection, wrong)).toThrow(OptionError);
      expect(() => call(manager, 'disconnectAll', wrong)).toThrow(OptionError);
    }
    expect([pool.readyCount, manager.getPool('p')]).toEqual([2, pool]);
  });
});

describe('removeConnection with time to drain', () => {
  it('takes it out of use at once, and closes it after its lease', async ({ pool }) => {
    const lease = await pool.acquire();
    const { connection } = lease;
    const removed = pool.removeConnection(connection as Connection<Recorder>, { drain: long });
    expect([pool.readyCount, pool.size, connection.state]).toEqual([1, 2, 'ready']);
    const waiters = [pool.acquire(), pool.acquire()];
    const other = await waiters[0];
    expect(other?.connection).not.toBe(connection);
    lease.release();
    await removed;
    expect([...pool]).toEqual([other?.connection]);
    expect(pool.stats()).toMatchObject({ waiting: 1, leased: 1 });
    other?.release();
    (await waiters[1])?.release();
  });

  it('closes a free one at once', async ({ pool }) => {
    const [first] = pool;
    await pool.removeConnection(first as Connection<Recorder>, { drain: long });
    expect(pool.size).toBe(1);
  });

  it('of the last one fails who waits, as nothing will come', async ({ pool }) => {
    const [first, second] = [...pool] as unknown as [Connection<Recorder>, Connection<Recorder>];
    const leases = [await pool.acquire(), await pool.acquire()];
    const waiter = pool.acquire();
    const removed = [first, second].map((each) => pool.removeConnection(each, { drain: long }));
    await expect(waiter).rejects.toMatchObject({ code: 'CONNMAN_NO_CONNECTION' });
    for (const lease of leases) lease.release();
    await Promise.all(removed);
  });
});
