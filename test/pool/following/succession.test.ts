import { describe, expect } from 'vitest';
import { constant } from '../../../src/index.js';
import type { FaultServer } from '../../../src/testing/index.js';
import { until } from '../../support/fixtures.js';
import { turns } from '../../support/repeat.js';
import { connectionsTo, endpointsOf, it, spread } from './discovered-pool.js';

/** Nobody can dial it, and everybody who had has lost it. */
async function takeDown(server: FaultServer): Promise<void> {
  await server.refuse();
  server.dropAll('reset');
}

describe('endpoints that discovery has taken away', () => {
  it('are used until another is ready', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const [old, fresh] = servers as [FaultServer, FaultServer];
    await fresh.refuse();
    const { pool, source } = follow({ perEndpoint: 2, backoff: constant(5), drain: 50 });
    await source.say(endpointsOf([old]));
    await pool.ready();
    await source.say(endpointsOf([fresh]));
    await until(() => connectionsTo(pool, fresh)[0]?.handler.failures.length === 3);
    expect(spread(pool, servers)).toEqual([2, 2]);
    expect(pool.readyCount).toBe(2);
    expect(pool.pick().endpoint.port).toBe(old.port);
    (await pool.acquire()).release();
    await fresh.listen();
    await until(() => pool.size === 2 && pool.readyCount === 2);
    expect(spread(pool, servers)).toEqual([0, 2]);
  });

  it('stay if they come back before that', async ({ channels, follow, startServers }) => {
    const servers = await startServers(2);
    const [old, fresh] = servers as [FaultServer, FaultServer];
    await fresh.refuse();
    const { pool, source } = follow();
    await source.say(endpointsOf([old]));
    await pool.ready();
    const [connection] = pool;
    await source.say(endpointsOf([fresh]));
    await source.say(endpointsOf([old]));
    await until(() => pool.size === 1);
    await turns();
    expect([...pool]).toEqual([connection]);
    expect(connection?.life).toBe(1);
    expect(channels.of('connman:pool:discover')).toMatchObject([
      { endpoints: 1, opened: 1, drained: 0 },
      { endpoints: 1, opened: 1, drained: 1 },
      { endpoints: 1, opened: 0, drained: 1 },
    ]);
  });

  it('are left at once when they are not ready, whatever else is', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const [dead, alsoDead] = servers as [FaultServer, FaultServer];
    await Promise.all(servers.map((server) => server.refuse()));
    const { pool, source } = follow({ backoff: constant(60_000) });
    await source.say(endpointsOf([dead]));
    await until(() => connectionsTo(pool, dead)[0]?.handler.failures.length === 1);
    await source.say(endpointsOf([alsoDead]));
    await until(() => pool.size === 1);
    expect(spread(pool, servers)).toEqual([0, 1]);
  });

  it('are not lent or picked any more, but their leases last on', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const [old, fresh] = servers as [FaultServer, FaultServer];
    const { pool, source } = follow({ drain: 60_000, perEndpoint: 2 });
    await source.say(endpointsOf([old]));
    await pool.ready();
    const lease = await pool.acquire();
    await source.say(endpointsOf([fresh]));
    await until(() => pool.size === 3 && pool.readyCount === 2);
    const used = [pool.pick(), pool.pick(), pool.pick(), (await pool.acquire()).connection];
    expect(used.map(({ endpoint }) => endpoint.port)).toEqual(used.map(() => fresh.port));
    expect(lease.signal.aborted).toBe(false);
    expect(lease.connection.state).toBe('ready');
    lease.release();
    await until(() => pool.size === 2);
    expect(spread(pool, servers)).toEqual([0, 2]);
  });

  it('end with their leases when the time to drain is over', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const { pool, source } = follow({ drain: 30 });
    await source.say(endpointsOf(servers.slice(0, 1)));
    await pool.ready();
    const lease = await pool.acquire();
    await source.say(endpointsOf(servers.slice(1)));
    await until(() => lease.signal.aborted);
    expect(lease.connection.handler.resets).toMatchObject([{ code: 'disconnect' }]);
    lease.release();
    await until(() => pool.size === 1);
  });

  it('end at once with `drain: 0`, even when lent', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const { pool, source } = follow({ drain: 0 });
    await source.say(endpointsOf(servers));
    await pool.ready();
    const leases = [await pool.acquire(), await pool.acquire()];
    await source.say(endpointsOf(servers.slice(1)));
    await until(() => pool.size === 1);
    expect(leases.filter(({ signal }) => signal.aborted)).toHaveLength(1);
  });

  it('linger when they were picked, as nobody can know who still uses them', async ({
    follow,
    startServers,
  }) => {
    const servers = await startServers(2);
    const [old, fresh] = servers as [FaultServer, FaultServer];
    const { pool, source } = follow({ drain: 60_000 });
    await source.say(endpointsOf([old]));
    await pool.ready();
    const picked = pool.pick();
    await source.say(endpointsOf([fresh]));
    await until(() =>
      pool.stats().endpoints.some(({ endpoint, ready }) => endpoint.port === fresh.port && ready === 1),
    );
    await turns();
    expect(picked.state).toBe('ready');
    expect(pool.pick().endpoint.port).toBe(fresh.port);
    expect(pool.readyCount).toBe(1);
    // Its life is all that lasts on.
    (await old.accept(1)).reset();
    await until(() => pool.size === 1);
    expect(picked.state).toBe('closed');
  });
});

describe('endpoints of several priorities', () => {
  it('are used only while none of a lower number is ready', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const [primary, backup] = servers as [FaultServer, FaultServer];
    const { pool, source } = follow({ perEndpoint: 2, backoff: constant(5), stableAfter: 0 });
    await source.say([
      { ...backup.endpoint, priority: 7 },
      { ...primary.endpoint, priority: 2 },
    ]);
    await pool.ready();
    const picked = (): (number | undefined)[] => Array.from({ length: 4 }, () => pool.pick().endpoint.port);
    expect(new Set(picked())).toEqual(new Set([primary.port]));
    await takeDown(primary);
    await until(() => pool.readyCount === 2);
    expect(new Set(picked())).toEqual(new Set([backup.port]));
    await primary.listen();
    await until(() => pool.readyCount === 4);
    expect(new Set(picked())).toEqual(new Set([primary.port]));
  });

  it('are not a reserve for times when all is lent, but are when all is lost', async ({
    follow,
    startServers,
  }) => {
    const servers = await startServers(2);
    const [primary, backup] = servers as [FaultServer, FaultServer];
    const { pool, source } = follow({ backoff: constant(60_000) });
    await source.say([primary.endpoint, { ...backup.endpoint, priority: 1 }]);
    await pool.ready();
    const lease = await pool.acquire();
    expect(lease.connection.endpoint.port).toBe(primary.port);
    expect(pool.tryAcquire()).toBeUndefined();
    const waiting = pool.acquire();
    await turns();
    expect(pool.stats().waiting).toBe(1);
    await takeDown(primary);
    const spare = await waiting;
    expect(spare.connection.endpoint.port).toBe(backup.port);
    expect(lease.signal.aborted).toBe(true);
    lease.release();
    // The primary is back: what comes back from a lease to the backup waits for its own time.
    await primary.listen();
    for (const connection of connectionsTo(pool, primary)) connection.reconnectNow();
    await until(() => pool.readyCount === 2);
    const first = await pool.acquire();
    const second = pool.acquire();
    spare.release();
    await turns();
    expect(pool.stats().waiting).toBe(1);
    first.release();
    for (const { connection } of [first, await second]) expect(connection.endpoint.port).toBe(primary.port);
  });

  it('may change it, and keep their connections', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const [one, other] = servers as [FaultServer, FaultServer];
    const { pool, source } = follow({ perEndpoint: 2 });
    await source.say([one.endpoint, { ...other.endpoint, priority: 1 }]);
    await pool.ready();
    const before = [...pool];
    const lease = await pool.acquire();
    await source.say([{ ...one.endpoint, priority: 1 }, other.endpoint]);
    expect([...pool]).toEqual(before);
    expect(pool.pick().endpoint.port).toBe(other.port);
    const leases = [await pool.acquire(), await pool.acquire()];
    expect(leases.map(({ connection }) => connection.endpoint.port)).toEqual([other.port, other.port]);
    lease.release();
    expect(pool.tryAcquire()).toBeUndefined();
    await takeDown(other);
    await until(() => pool.readyCount === 2);
    expect(pool.tryAcquire()?.connection.endpoint.port).toBe(one.port);
    expect(pool.tryAcquire()?.connection.endpoint.port).toBe(one.port);
    expect(servers.map(({ accepted }) => accepted)).toEqual([2, 2]);
  });
});
