import { describe, expect } from 'vitest';
import {
  constant,
  staticEndpoints,
  type Connection,
  type Endpoint,
  type Pool,
  type PoolOptions,
} from '../../../src/index.js';
import { call } from '../../support/call.js';
import { it as plainIt, nextTurn, until } from '../../support/fixtures.js';
import { HastyServer } from '../../support/hasty-server.js';
import { perRing } from '../../support/per-ring.js';
import { Recorder } from '../../support/recorder.js';
import { Asker, SteadyLoad } from './steady-load.js';

/** How long an answer takes, in milliseconds. */
const latency = 30;

const it = plainIt.extend<{ servers: readonly [HastyServer, HastyServer] }>({
  // oxlint-disable-next-line no-empty-pattern
  servers: async ({}, use) => {
    const servers = await Promise.all([
      new HastyServer(latency).start(),
      new HastyServer(latency).start(),
    ] as const);
    await use(servers);
    await Promise.all(servers.map((server) => server.close()));
  },
});

const options: PoolOptions<Asker> = { backoff: constant(0), stableAfter: 0, drain: 5_000 };
const overlap = { ...options, maxAge: { age: 100, overlap: true } };

/** The most connections that the pool has, until the condition holds. */
async function mostUntil(pool: Pool<Asker>, condition: () => boolean): Promise<number> {
  let most = 0;
  await until(() => {
    most = Math.max(most, pool.size);
    return condition();
  });
  return most;
}

function expectNothingLost(load: SteadyLoad): void {
  expect([load.lost, load.refused]).toEqual([[], []]);
  expect(load.answered).toBeGreaterThan(10);
}

describe('maxAge with overlap', () => {
  it('lets the only connection be renewed without a gap', async ({ manager, servers: [server] }) => {
    const pool = manager.createPool('one', () => new Asker(), overlap);
    const connection = pool.addConnection(server.endpoint);
    const socket = await connection.ready();
    const load = new SteadyLoad(pool, 200);
    const lives = perRing({ short: 4, soak: 20 });
    const most = await mostUntil(pool, () => connection.life >= lives && pool.readyCount === 1);
    await load.stop();
    expectNothingLost(load);
    expect([most, pool.getConnection(0), connection.socket]).toEqual([2, socket, socket]);
    expect(connection.handler.resets.every(({ code }) => code === 'max-age')).toBe(true);
    await until(() => pool.size === 1);
  });

  it('has one more connection of a few at a time', async ({ manager, servers: [server] }) => {
    const pool = manager.createPool('three', () => new Asker(), overlap);
    const all = [1, 2, 3].map(() => pool.addConnection(server.endpoint));
    await pool.ready();
    let least = Infinity;
    const most = await mostUntil(pool, () => {
      least = Math.min(least, pool.readyCount);
      return all.every(({ life }) => life >= 3);
    });
    expect(least).toBe(3);
    // One that has to leave may still be ending its socket.
    expect(most).toBeLessThanOrEqual(5);
    expect([...pool].slice(0, 3)).toEqual(all);
  });

  it('leaves a life as it is while the other cannot be opened', async ({ manager, servers: [server] }) => {
    let made = 0;
    const problem = new Error('no handler');
    const pool = manager.createPool(
      'throws',
      () => {
        made += 1;
        if (made > 1) throw problem;
        return new Asker();
      },
      { ...overlap, maxAge: { age: 20, overlap: true } },
    );
    const connection = pool.addConnection(server.endpoint);
    await connection.ready();
    await until(() => connection.stats().handlerErrors === 1);
    await nextTurn();
    expect([made, pool.size, connection.life, connection.state]).toEqual([2, 1, 1, 'ready']);
  });

  it('leaves a life as it is when the other is refused for good', async ({ manager, servers: [server] }) => {
    let made = 0;
    const pool = manager.createPool(
      'refused',
      () => {
        made += 1;
        const asker = new Asker();
        if (made === 2) Object.assign(asker, { onConnect: () => Promise.reject(new Error('no')) });
        return asker;
      },
      { ...overlap, maxAge: { age: 20, overlap: true }, maxAttempts: 1 },
    );
    const connection = pool.addConnection(server.endpoint);
    await connection.ready();
    await until(() => made === 2 && pool.size === 1);
    await nextTurn();
    expect([made, connection.life, connection.state]).toEqual([2, 1, 'ready']);
  });

  it('gives up the other when the connection is lost, or removed', async ({ manager, server }) => {
    const pool = manager.createPool('lost', () => new Asker(), {
      ...options,
      maxAge: { age: 20, overlap: true },
    });
    let accepted = 0;
    const connection = pool.addConnection(server.port, server.host);
    connection.handler.onReset = () => undefined;
    await connection.ready();
    for (const { handler } of pool) Object.assign(handler, { onConnect: () => undefined });
    await until(() => pool.size === 2 || connection.life > 1);
    accepted = server.accepted;
    server.dropAll('reset');
    await until(() => connection.state === 'ready' && connection.life > 1);
    await until(() => pool.size === 1);
    expect(server.accepted).toBeGreaterThan(accepted);
    await pool.removeConnection(connection);
    await until(() => pool.size === 0);
  });

  it('is for pools, and its parts are checked', ({ manager }) => {
    const refused: [unknown, string][] = [
      [{ age: 1_000, overlap: true }, 'options.maxAge.overlap: expected false or nothing outside a pool'],
      [{ overlap: true }, 'options.maxAge: expected milliseconds'],
      [{ age: -1 }, 'options.maxAge.age: expected milliseconds'],
      [{ age: 1, overlap: 1 }, 'options.maxAge.overlap: expected true or false'],
      [{ age: 1, overlaps: true }, 'overlaps'],
      ['1', 'options.maxAge: expected milliseconds'],
      [null, 'options.maxAge: expected milliseconds'],
    ];
    for (const [maxAge, message] of refused) {
      expect(() => call(manager, 'connect', 1, 'localhost', new Recorder(), { maxAge })).toThrow(message);
    }
    const connection = manager.connect(1, '127.0.0.1', new Recorder(), { maxAge: { age: 1_000 } });
    expect(connection.state).not.toBe('closed');
  });
});

describe('setEndpoints() in a pool', () => {
  it('is ready at the new endpoint first: no request is lost, and none refused', async ({
    manager,
    servers,
  }) => {
    const pool = manager.createPool('moving', () => new Asker(), options);
    const connection = pool.addConnection(servers[0].endpoint);
    const socket = await connection.ready();
    const load = new SteadyLoad(pool, 200);
    await until(() => load.answered > 5);
    for (let round = 1; round <= 4; round += 1) {
      const { endpoint } = servers[round % 2] as HastyServer;
      connection.setEndpoints(endpoint);
      // oxlint-disable-next-line no-await-in-loop
      await until(() => connection.life === round + 1 && connection.state === 'ready' && pool.size === 1);
      expect(pool.stats().endpoints).toMatchObject([{ endpoint, size: 1, ready: 1 }]);
    }
    await load.stop();
    expectNothingLost(load);
    expect([connection.socket, pool.getConnection(0)]).toEqual([socket, socket]);
  });

  it('keeps the life until then, wherever that leads', async ({ manager, server, servers: [other] }) => {
    const pool = manager.createPool('dead', () => new Asker(), { ...options, backoff: constant(20) });
    const connection = pool.addConnection(other.endpoint);
    await connection.ready();
    await server.refuse();
    connection.setEndpoints({ host: server.host, port: server.port });
    await until(() => pool.stats().failedDials > 2);
    expect([connection.life, connection.state, pool.pick()]).toEqual([1, 'ready', connection]);
    connection.setEndpoints(other.endpoint);
    await nextTurn();
    expect(connection.life).toBe(1);
    await server.listen();
    await until(() => pool.size === 1);
    expect(connection.endpoint).toEqual(other.endpoint);
  });

  it('counts leases and requests where the connection is', async ({ manager, servers }) => {
    const pool = manager.createPool('leases', () => new Asker(), options);
    const connection = pool.addConnection(servers[0].endpoint);
    await pool.ready();
    const lease = await pool.acquire({ lasting: true });
    connection.reset();
    connection.setEndpoints(servers[1].endpoint);
    await until(() => connection.life === 2 && connection.state === 'ready');
    expect(connection.endpoint).toEqual(servers[1].endpoint);
    expect(pool.stats().endpoints).toMatchObject([{ endpoint: servers[1].endpoint, leased: 1 }]);
    lease.release();
    expect(pool.stats().endpoints).toMatchObject([{ leased: 0 }]);
  });

  it('takes several, which the groups of the pool follow', async ({ manager, server, servers: [other] }) => {
    const pool = manager.createPool('several', () => new Asker(), options);
    const connection = pool.addConnection(server.port, server.host);
    await connection.ready();
    const list: Endpoint[] = [{ host: server.host, port: server.port }, other.endpoint];
    connection.setEndpoints(list);
    await server.refuse();
    server.dropAll('reset');
    await until(() => connection.life === 2 && connection.state === 'ready');
    expect(pool.stats().endpoints).toMatchObject([{ endpoint: other.endpoint, size: 1, ready: 1 }]);
  });

  it('is refused where discovery says the endpoints', async ({ manager, servers }) => {
    const discovery = staticEndpoints([servers[0].endpoint]);
    const pool = manager.createPool('found', () => new Asker(), { ...options, discovery });
    await pool.ready();
    const [connection] = pool;
    expect(() => (connection as Connection).setEndpoints(servers[1].endpoint)).toThrow(
      'expected one that discovery has not opened',
    );
  });
});
