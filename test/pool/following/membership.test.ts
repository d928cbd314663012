import { describe, expect } from 'vitest';
import { staticEndpoints } from '../../../src/index.js';
import { until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { turns } from '../../support/repeat.js';
import { connectionsTo, endpointsOf, it, spread } from './discovered-pool.js';

describe('a pool that follows discovery', () => {
  it('opens what a snapshot says, in its order, so many per endpoint', async ({ follow, startServers }) => {
    const servers = await startServers(3);
    const { pool, source } = follow({ perEndpoint: 2 });
    expect(pool.size).toBe(0);
    await source.say(endpointsOf(servers));
    expect([...pool].map(({ endpoint }) => endpoint.port)).toEqual(
      servers.flatMap(({ port }) => [port, port]),
    );
    await pool.ready();
    expect(pool.readyCount).toBe(6);
  });

  it('never touches the connections to endpoints that stay', async ({ follow, startServers }) => {
    const servers = await startServers(4);
    const [first, second, third, fourth] = servers as [never, never, never, never];
    const { pool, source } = follow({ perEndpoint: 2 });
    await source.say(endpointsOf([first, second]));
    await pool.ready();
    const staying = connectionsTo(pool, second);
    await source.say(endpointsOf([third, second]));
    await until(() => pool.size === 4 && pool.readyCount === 4);
    await source.say(endpointsOf([second, fourth, third]));
    await until(() => pool.readyCount === 6);
    expect(connectionsTo(pool, second)).toEqual(staying);
    expect(staying.map(({ life, handler }) => [life, handler.events])).toEqual([
      [1, ['connect']],
      [1, ['connect']],
    ]);
    expect(spread(pool, servers)).toEqual([0, 2, 2, 2]);
    await Promise.all(servers.map((server) => server.accept(2)));
    expect(servers.map(({ accepted }) => accepted)).toEqual([2, 2, 2, 2]);
  });

  it('takes an endpoint back that was gone', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const [one, other] = servers as [never, never];
    const { pool, source } = follow();
    await source.say(endpointsOf(servers));
    await pool.ready();
    const [gone] = connectionsTo(pool, one);
    await source.say(endpointsOf([other]));
    await until(() => pool.size === 1);
    expect(gone?.handler.closings).toHaveLength(1);
    await source.say(endpointsOf(servers));
    await pool.ready();
    expect(spread(pool, servers)).toEqual([1, 1]);
    expect(connectionsTo(pool, one)).not.toContain(gone);
  });

  it('opens another connection where one comes back that is still lent', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const { pool, source } = follow({ drain: 60_000 });
    await source.say(endpointsOf(servers));
    await pool.ready();
    const leases = [await pool.acquire(), await pool.acquire()];
    const lent = leases.find(({ connection }) => connection.endpoint.port === servers[0]?.port);
    await source.say(endpointsOf(servers.slice(1)));
    await source.say(endpointsOf(servers));
    await until(() => pool.readyCount === 2);
    expect(pool.size).toBe(3);
    expect(pool.stats().endpoints).toMatchObject([{ size: 1 }, { size: 1 }]);
    expect(lent?.signal.aborted).toBe(false);
    for (const lease of leases) lease.release();
    await until(() => pool.size === 2);
    expect(spread(pool, servers)).toEqual([1, 1]);
  });

  it('keeps the last answer while the source fails, has none, or is silent', async ({
    channels,
    follow,
    startServers,
  }) => {
    const servers = await startServers(2);
    const { pool, source } = follow();
    await source.say(endpointsOf(servers));
    await pool.ready();
    const before = [...pool];
    await source.say([]);
    await source.say('nonsense');
    const error = new Error('no answer');
    void source.fail(error);
    await turns();
    expect([...pool]).toEqual(before);
    expect(pool.readyCount).toBe(2);
    const failures = channels.of('connman:pool:discovery-failed');
    expect(failures).toMatchObject([
      { pool: 'followed', size: 2, error: { name: 'OptionError', option: 'snapshot' } },
      { error: { option: 'snapshot' } },
      { error },
    ]);
    expect(failures[2]?.error).toBe(error);
  });

  it('leaves alone what the program adds itself, even to the same endpoint', async ({
    follow,
    startServers,
  }) => {
    const [server, other] = await startServers(2);
    const { pool, source } = follow();
    const own = pool.addConnection(server?.endpoint as never);
    await pool.ready(1);
    await source.say(endpointsOf([server as never]));
    await pool.ready();
    expect(pool.size).toBe(2);
    await source.say(endpointsOf([other as never]));
    await until(() => pool.readyCount === 2 && pool.size === 2);
    expect(connectionsTo(pool, server as never)).toEqual([own]);
    expect(own.life).toBe(1);
  });

  it('gives a heavier endpoint more connections, a lighter one at least one', async ({
    follow,
    startServers,
  }) => {
    const servers = await startServers(3);
    const [heavy, half, light] = endpointsOf(servers);
    const { pool, source } = follow({ perEndpoint: 4 });
    const snapshot = [
      { ...heavy, weight: 10 },
      { ...half, weight: 5 },
      { ...light, weight: 0 },
    ];
    await source.say(snapshot);
    await pool.ready();
    expect(spread(pool, servers)).toEqual([4, 2, 1]);
    await source.say([...snapshot.slice(0, 2), { ...light, weight: 10 }]);
    await pool.ready();
    expect(spread(pool, servers)).toEqual([4, 2, 4]);
  });

  it('uses a static list, and opens nothing else when that has ended', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const { pool } = follow({ discovery: staticEndpoints(endpointsOf(servers)) });
    await pool.ready();
    await turns();
    expect(spread(pool, servers)).toEqual([1, 1]);
  });
});

describe('a subset', () => {
  it('is of the same endpoints in each pool with the same key, others are not dialled', async ({
    follow,
    manager,
    startServers,
  }) => {
    const servers = await startServers(6);
    const { pool, source } = follow({ subset: { size: 2, key: 'here' } });
    await source.say(endpointsOf(servers));
    await pool.ready();
    const chosen = spread(pool, servers);
    expect(chosen.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 1, 1]);
    const twin = manager.createPool('twin', () => new Recorder(), {
      discovery: staticEndpoints(endpointsOf(servers).toReversed()),
      subset: { size: 2, key: 'here' },
    });
    await twin.ready();
    expect(spread(twin, servers)).toEqual(chosen);
    expect(servers.map(({ accepted }) => accepted)).toEqual(chosen.map((count) => count * 2));
  });

  it('replaces an endpoint that goes, and no other', async ({ follow, startServers }) => {
    const servers = await startServers(5);
    const { pool, source } = follow({ subset: 2 });
    await source.say(endpointsOf(servers));
    await pool.ready();
    const [gone, stays] = [...pool];
    await source.say(endpointsOf(servers).filter(({ port }) => port !== gone?.endpoint.port));
    await until(() => pool.size === 2 && pool.readyCount === 2 && ![...pool].includes(gone as never));
    expect([...pool]).toContain(stays);
    expect(stays?.life).toBe(1);
  });

  it('replaces endpoints that are dead, though others are, and gives them back', async ({
    follow,
    startServers,
  }) => {
    const servers = await startServers(6);
    const { pool, source } = follow({ subset: { size: 2, key: 'here' } });
    await source.say(endpointsOf(servers));
    await pool.ready();
    const chosen = [...pool].map(({ endpoint }) => endpoint.port);
    const dead = servers.filter(({ port }) => chosen.includes(port));
    await Promise.all(dead.map((server) => server.refuse()));
    for (const server of dead) server.dropAll('reset');
    await until(() => pool.size === 4 && pool.readyCount === 2);
    expect(pool.stats()).toMatchObject({
      state: 'degraded',
      size: 4,
      discovery: { endpoints: 6, wanted: 4 },
    });
    await pool.ready();
    await Promise.all(dead.map((server) => server.listen()));
    await until(() => pool.size === 2 && pool.readyCount === 2);
    expect(new Set([...pool].map(({ endpoint }) => endpoint.port))).toEqual(new Set(chosen));
    expect(servers.filter(({ accepted }) => accepted > 0)).toHaveLength(4);
    expect(pool.stats()).toMatchObject({ state: 'up', discovery: { wanted: 2, missing: 0 } });
  });

  it('is taken of each priority', async ({ follow, startServers }) => {
    const servers = await startServers(6);
    const { pool, source } = follow({ subset: 2 });
    await source.say(endpointsOf(servers).map((endpoint, n) => Object.assign({ priority: n % 2 }, endpoint)));
    await pool.ready();
    const priorities = pool.stats().endpoints.map(({ priority }) => priority);
    expect(priorities.toSorted((a, b) => a - b)).toEqual([0, 0, 1, 1]);
  });
});
