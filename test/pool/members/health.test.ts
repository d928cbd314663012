import { describe, expect } from 'vitest';
import { constant } from '../../../src/index.js';
import { startFaultServer } from '../../../src/testing/index.js';
import { stateOf } from '../../../src/pool/members/health.js';
import { it } from '../../support/channels.js';
import { until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

const quick = { backoff: constant(5) };

describe('the state of a pool', () => {
  it.each([
    [0, 0, 'down'],
    [3, 0, 'down'],
    [3, 1, 'degraded'],
    [3, 2, 'degraded'],
    [3, 3, 'up'],
  ] as const)('of %i connections of which %i are ready is %s', (size, ready, state) => {
    expect(stateOf(size, ready)).toBe(state);
  });

  it('follows its connections, with the last cause and since when', async ({ server, manager, channels }) => {
    const before = Date.now();
    const pool = manager.createPool('p', () => new Recorder(), quick);
    expect(pool.stats()).toMatchObject({ state: 'down', cause: undefined, endpoints: [] });
    const connections = [1, 2].map(() => pool.addConnection(server.port, server.host));
    await pool.ready();
    const up = pool.stats();
    expect(up).toMatchObject({ state: 'up', cause: undefined });
    expect(up.since).toBeGreaterThanOrEqual(before - 1);
    expect(up.since).toBeLessThanOrEqual(Date.now() + 1);
    await server.accept(2);
    await server.refuse();
    server.connections[0]?.reset();
    await until(() => pool.stats().state === 'degraded');
    server.dropAll('reset');
    await until(() => pool.stats().state === 'down');
    await until(() => connections.every(({ handler }) => handler.count('retry') > 0));
    const down = pool.stats();
    expect(down.cause).toMatchObject({ code: 'CONNMAN_DIAL', cause: { code: 'ECONNREFUSED' } });
    expect(down.since).toBeGreaterThan(up.since);
    await server.listen();
    await until(() => pool.stats().state === 'up');
    expect(pool.stats().cause).toBeUndefined();
    const moves = channels.of('connman:pool:state').map(({ from, to }) => `${from}-${to}`);
    expect(moves).toEqual([
      'down-degraded',
      'degraded-up',
      'up-degraded',
      'degraded-down',
      'down-degraded',
      'degraded-up',
    ]);
    expect(channels.of('connman:pool:state')[3]).toMatchObject({
      pool: 'p',
      size: 2,
      cause: expect.any(Error),
    });
  });

  it('is told endpoint by endpoint', async ({ server, manager, channels }) => {
    const other = await startFaultServer();
    const pool = manager.createPool('p', () => new Recorder(), quick);
    pool.addConnection(server.port, server.host);
    pool.addConnection(other.port, other.host);
    pool.addConnection(other.port, other.host);
    await pool.ready();
    const lease = pool.tryAcquire();
    await other.accept(2);
    await other.refuse();
    other.dropAll('reset');
    await until(() => pool.stats().endpoints[1]?.state === 'down');
    expect(pool.stats()).toMatchObject({
      state: 'degraded',
      endpoints: [
        {
          endpoint: { port: server.port },
          state: 'up',
          size: 1,
          ready: 1,
          leased: 1,
          priority: 0,
          cause: undefined,
        },
        {
          endpoint: { port: other.port },
          state: 'down',
          size: 2,
          ready: 0,
          leased: 0,
          cause: expect.any(Error),
        },
      ],
    });
    const told = channels
      .of('connman:pool:endpoint-state')
      .filter(({ endpoint }) => endpoint.port === other.port);
    expect(told.map(({ to }) => to)).toEqual(['degraded', 'up', 'degraded', 'down']);
    lease?.release();
    await other.close();
  });

  it('is that of the others when one is removed', async ({ server, manager }) => {
    await server.refuse();
    const pool = manager.createPool('p', () => new Recorder(), quick);
    const away = pool.addConnection(server.port, server.host);
    const other = await startFaultServer();
    pool.addConnection(other.port, other.host);
    await pool.ready(1);
    expect(pool.stats().state).toBe('degraded');
    await pool.removeConnection(away);
    expect(pool.stats()).toMatchObject({ state: 'up', endpoints: [{ endpoint: { port: other.port } }] });
    await other.close();
  });

  it('is not told of any more once the pool is disconnected', async ({ server, manager, channels }) => {
    const pool = manager.createPool('p', () => new Recorder(), quick);
    pool.addConnection(server.port, server.host);
    await pool.ready();
    const told = channels.of('connman:pool:state').length;
    await pool.disconnect();
    expect(channels.of('connman:pool:state')).toHaveLength(told);
  });
});

describe('the channels of leases', () => {
  it('tell who got one, after what wait, for how long, and who got none', async ({
    server,
    manager,
    channels,
  }) => {
    const pool = manager.createPool('p', () => new Recorder(), quick);
    const { id, endpoint } = pool.addConnection(server.port, server.host);
    await pool.ready();
    const first = await pool.acquire();
    const waiter = pool.acquire();
    await expect(pool.acquire({ timeout: 1 })).rejects.toThrow('within 1 ms');
    first.release();
    (await waiter).release();
    const member = { pool: 'p', size: 1, id, endpoint };
    expect(channels.of('connman:pool:acquire')).toEqual([
      { ...member, waited: 0 },
      { ...member, waited: expect.any(Number) },
    ]);
    expect(channels.of('connman:pool:acquire')[1]?.waited).toBeGreaterThan(0.5);
    expect(channels.of('connman:pool:release')).toEqual([
      { ...member, held: expect.any(Number) },
      { ...member, held: expect.any(Number) },
    ]);
    expect(channels.of('connman:pool:acquire-failed')).toEqual([
      {
        pool: 'p',
        size: 1,
        error: expect.objectContaining({ code: 'CONNMAN_TIMEOUT' }),
        waited: expect.any(Number),
      },
    ]);
  });

  it('may be answered by anything: a subscriber that takes the next lease, or disconnects', async ({
    server,
    manager,
    channels,
  }) => {
    const pool = manager.createPool('p', () => new Recorder(), quick);
    pool.addConnection(server.port, server.host);
    await pool.ready();
    const taken: unknown[] = [];
    channels.on('connman:pool:release', () => {
      if (taken.push(pool.tryAcquire()) === 1) void pool.disconnect();
    });
    (await pool.acquire()).release();
    expect(taken).toEqual([expect.objectContaining({ connection: expect.anything() })]);
    await until(() => pool.size === 0);
  });
});
