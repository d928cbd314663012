import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect } from 'vitest';
import { constant, type Lease, type Pool, type PoolOptions } from '../../../src/index.js';
import { it as plainIt, nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

interface Fixtures {
  poolOf: (count: number, options?: PoolOptions<Recorder>) => Promise<Pool<Recorder>>;
}

const it = plainIt.extend<Fixtures>({
  poolOf: async ({ server, manager }, use) => {
    await use(async (count, options) => {
      const pool = manager.createPool('p', () => new Recorder(), {
        backoff: constant(0),
        drain: 5,
        ...options,
      });
      for (let index = 0; index < count; index += 1) pool.addConnection(server.port, server.host);
      await pool.ready();
      return pool;
    });
  },
});

async function leaseAt(pool: Pool<Recorder>, index: number): Promise<Lease<Recorder>> {
  const leases = await Promise.all([...pool].map(() => pool.acquire()));
  const wanted = leases.find(({ connection }) => connection === [...pool][index]);
  for (const each of leases) if (each !== wanted) each.release();
  return wanted as Lease<Recorder>;
}

describe('a lease that is not given back after the end of its life', () => {
  it('loses the connection, and a new one takes its index', async ({ poolOf, server }) => {
    const pool = await poolOf(3);
    const lease = await leaseAt(pool, 1);
    const before = [...pool];
    const { handler, socket, connection } = lease;
    await server.accept(3);
    connection.socket.destroy();
    await until(() => [...pool][1] !== connection && pool.readyCount === 3);
    const after = [...pool];
    expect([after[0], after[2]]).toEqual([before[0], before[2]]);
    expect(after[1]?.endpoint).toEqual(connection.endpoint);
    expect([after[1]?.handler, pool.getConnection(1)]).not.toContain(handler);
    expect(pool.getConnection(1)).not.toBe(socket);
    expect(pool.getHandler(1)).toBe(after[1]?.handler);
    await until(() => connection.state === 'closed');
    expect(handler.closings).toMatchObject([{ code: 'disconnect', error: { code: 'CONNMAN_LIFE_ENDED' } }]);
    expect(pool.stats()).toMatchObject({ size: 3, added: 4, removed: 1, leased: 0, interrupted: 1 });
    expect([lease.socket, lease.handler]).toEqual([socket, handler]);
    const told = new Promise((resolve) => lease.socket.write('zombie', resolve));
    expect(await told).toMatchObject({ code: 'CONNMAN_CLOSED' });
    expect(server.connections.map(({ received }) => received)).toEqual([0, 0, 0, 0]);
    lease.release();
    lease.release();
    lease.discard();
    lease[Symbol.dispose]();
    expect(() => lease.socket).toThrow(expect.objectContaining({ code: 'CONNMAN_RELEASED' }));
    expect(pool.stats()).toMatchObject({ leased: 0, ready: 3 });
  });

  it('counts no more in any state once the new one is there', async ({ poolOf, server }) => {
    const pool = await poolOf(2);
    await pool.acquire();
    const counts: number[] = [];
    const hear = (): void => {
      const { size, states } = pool.stats();
      counts.push(Object.values(states).reduce((sum, count) => sum + count, -size));
    };
    for (const name of ['add', 'remove']) subscribe(`connman:pool:${name}`, hear);
    try {
      server.dropAll('end');
      await until(() => counts.length === 2);
    } finally {
      for (const name of ['add', 'remove']) unsubscribe(`connman:pool:${name}`, hear);
    }
    expect(counts).toEqual([0, 0]);
  });

  it('is told of on channels, and its leak is still reported', async ({ poolOf, server }) => {
    const told: (readonly unknown[])[] = [];
    const names = ['interrupt', 'forfeit', 'release', 'leak', 'add', 'remove'].map(
      (name) => `connman:pool:${name}`,
    );
    const hear = (message: unknown, name: string | symbol): void => {
      const { id, code, lasting } = message as { id: number; code?: string; lasting?: boolean };
      told.push([String(name).slice('connman:pool:'.length), id, ...(code ? [code, lasting] : [])]);
    };
    const pool = await poolOf(1, { leakWarning: 40 });
    const [connection] = pool;
    for (const name of names) subscribe(name, hear);
    process.once('warning', () => undefined);
    try {
      await pool.acquire();
      server.dropAll('end');
      await until(() => ['leak', 'remove'].every((name) => told.some(([first]) => first === name)));
    } finally {
      for (const name of names) unsubscribe(name, hear);
    }
    const id = connection?.id;
    const [successor] = pool;
    // The leak is told when its time has come, between any of the others.
    expect(told.filter(([name]) => name === 'leak')).toEqual([['leak', id]]);
    expect(told.filter(([name]) => name !== 'leak')).toEqual([
      ['interrupt', id, 'remote-end', false],
      ['forfeit', id],
      ['release', id],
      ['add', successor?.id],
      ['remove', id],
    ]);
  });

  it('serves those who wait with the new connection', async ({ poolOf, server }) => {
    const pool = await poolOf(1);
    const lease = await pool.acquire();
    const waiter = pool.acquire();
    server.dropAll('reset');
    const next = await waiter;
    expect(next.connection).not.toBe(lease.connection);
    expect(next.connection.life).toBe(1);
    next.release();
  });

  it('gets no successor in a pool that is disconnected', async ({ poolOf }) => {
    const pool = await poolOf(1);
    const lease = await pool.acquire();
    await pool.disconnect({ grace: 0 });
    await until(() => pool.stats().leased === 0);
    expect([pool.size, pool.stats().added]).toEqual([0, 1]);
    lease.release();
  });

  it('gets no successor where the factory throws: onError is told, and the socket stays dead', async ({
    manager,
    server,
  }) => {
    let isBroken = false;
    const pool = manager.createPool(
      'p',
      () => {
        if (isBroken) throw new Error('no more handlers');
        return new Recorder();
      },
      { backoff: constant(0), drain: 0 },
    );
    pool.addConnection(server.port, server.host);
    await pool.ready();
    const lease = await pool.acquire();
    const { handler, connection } = lease;
    isBroken = true;
    server.dropAll('reset');
    await handler.until('close');
    expect(handler.errors).toMatchObject([{ error: { message: 'no more handlers' }, where: 'factory' }]);
    expect([pool.size, connection.state, server.accepted]).toEqual([0, 'closed', 1]);
  });

  it('given back in time keeps its connection', async ({ poolOf, server }) => {
    const pool = await poolOf(1, { drain: 60_000 });
    const lease = await pool.acquire();
    server.dropAll('reset');
    await lease.handler.until('reset');
    await nextTurn();
    lease.release();
    await pool.ready();
    expect([...pool]).toEqual([lease.connection]);
  });
});
