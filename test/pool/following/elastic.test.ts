import { describe, expect } from 'vitest';
import { seededRandom } from '../../../bench/herd/random.js';
import type { Lease, Pool } from '../../../src/index.js';
import { pass, passUntil, withFakeTime } from '../../support/fake-time.js';
import { until } from '../../support/fixtures.js';
import type { Recorder } from '../../support/recorder.js';
import { expectOptionErrors } from '../../support/refusal.js';
import { turns } from '../../support/repeat.js';
import { connectionsTo, endpointsOf, it, spread } from './discovered-pool.js';

/** Takes so many leases, as soon as there are any. */
function borrow(pool: Pool<Recorder>, count: number): Promise<Lease<Recorder>[]> {
  return Promise.all(Array.from({ length: count }, () => pool.acquire()));
}

const sleep = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

it('an endpoint of weight 0 keeps one connection of a fixed number', async ({ follow, startServers }) => {
  const servers = await startServers(2);
  const { pool, source } = follow({ perEndpoint: 3, drain: 50 });
  const [first, second] = endpointsOf(servers);
  await source.say([{ ...first }, { ...second }]);
  await pool.ready(6);
  await source.say([{ ...first }, { ...second, weight: 0 }]);
  await until(() => pool.size === 4);
  expect(spread(pool, servers)).toEqual([3, 1]);
});

describe('an elastic pool', () => {
  it('grows for those who wait, and is small again when it was idle', async ({ follow, server }) => {
    await withFakeTime(async () => {
      const { pool, source } = follow({ perEndpoint: { min: 1, max: 10, idle: 400 } });
      await source.say([server.endpoint]);
      await pool.ready();
      expect(pool.size).toBe(1);
      let most = 0;
      const begin = performance.now();
      const borrowers = Array.from({ length: 40 }, () =>
        pool.use(async () => {
          await sleep(50);
          most = Math.max(most, pool.size);
        }),
      );
      await passUntil(Promise.all(borrowers));
      expect(most).toBe(10);
      // With one connection, it is 40 times 50 ms.
      expect(performance.now() - begin).toBeLessThan(6 * 50);
      expect(pool.size).toBe(10);
      await pass(390, 10);
      expect(pool.size).toBe(10);
      // A part of `idle` later, at most.
      await pass(120, 10);
      expect(pool.size).toBe(1);
      await pass(5_000, 100);
      expect([pool.size, server.accepted]).toEqual([1, 10]);
      expect(pool.stats()).toMatchObject({ state: 'up', timeouts: 0, leased: 0 });
    });
  });

  it('never has more than max, and lends in turn, whatever becomes of the connections', async ({
    follow,
    server,
  }) => {
    const { pool, source } = follow({ perEndpoint: { min: 2, max: 4, idle: 20 }, stableAfter: 0 });
    await source.say([server.endpoint]);
    await pool.ready();
    const random = seededRandom(18);
    let most = 0;
    const order: number[] = [];
    const calls = Array.from({ length: 100 }, async (_, index) => {
      const lease = await pool.acquire();
      order.push(index);
      const fate = random();
      await turns(1 + Math.floor(3 * random()));
      most = Math.max(most, pool.size);
      if (fate < 0.2) lease.discard();
      else if (fate < 0.3) lease.connection.reset();
      else if (fate < 0.35) server.dropAll('reset');
      if (fate >= 0.2) lease.release();
    });
    await Promise.all(calls);
    expect(most).toBe(4);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    await until(() => pool.size === 2 && pool.readyCount === 2);
  });

  it('opens nothing for those who have left before it could', async ({ follow, server }) => {
    const { pool, source } = follow({ perEndpoint: { min: 1, max: 10 } });
    await source.say([server.endpoint]);
    await pool.ready();
    const lease = await pool.acquire();
    const left = new AbortController();
    const gone = Array.from({ length: 5 }, () => pool.acquire({ signal: left.signal }));
    left.abort();
    expect((await Promise.allSettled(gone)).every(({ status }) => status === 'rejected')).toBe(true);
    await turns();
    expect([pool.size, server.accepted]).toEqual([1, 1]);
    lease.release();
  });

  it('does not grow for picks, nor beyond those who wait', async ({ follow, server }) => {
    const { pool, source } = follow({ perEndpoint: { max: 10 } });
    await source.say([server.endpoint]);
    await pool.ready();
    for (let count = 0; count < 100; count += 1) pool.pick();
    await turns();
    expect(pool.size).toBe(1);
    const leases = await borrow(pool, 3);
    expect(pool.size).toBe(3);
    for (const lease of leases) lease.release();
  });

  it('keeps at least min, and lends in the order of the calls', async ({ follow, server }) => {
    const { pool, source } = follow({ perEndpoint: { min: 3, max: 4, idle: 20 } });
    await source.say([server.endpoint]);
    await pool.ready();
    const order: number[] = [];
    const calls = Array.from({ length: 12 }, (_, index) =>
      pool.use(async () => {
        order.push(index);
        await turns(3);
      }),
    );
    await Promise.all(calls);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(server.accepted).toBeLessThanOrEqual(4);
    await until(() => pool.size === 3);
    await sleep(60);
    expect(pool.size).toBe(3);
  });

  it('closes no connection that is lent, and none that is needed', async ({ follow, server }) => {
    const { pool, source } = follow({ perEndpoint: { min: 1, max: 8, idle: 40 } });
    await source.say([server.endpoint]);
    await pool.ready();
    const leases = await borrow(pool, 6);
    for (const lease of leases.slice(2)) lease.release();
    await until(() => pool.size === 2);
    expect(leases.slice(0, 2).map(({ connection }) => connection.state)).toEqual(['ready', 'ready']);
    await sleep(80);
    expect(pool.size).toBe(2);
    for (const lease of leases.slice(0, 2)) lease.release();
    await until(() => pool.size === 1);
  });

  it('grows where the endpoint is well, by weight, and not where it is down', async ({
    follow,
    startServers,
  }) => {
    const [heavy, light, down] = await startServers(3);
    if (!heavy || !light || !down) return;
    await down.refuse();
    const { pool, source } = follow({ perEndpoint: { max: 8 } });
    const [first, second, third] = endpointsOf([heavy, light, down]);
    await source.say([
      { ...first, weight: 2 },
      { ...second, weight: 1 },
      { ...third, weight: 2 },
    ]);
    await pool.ready(2);
    const leases = await borrow(pool, 12);
    expect(spread(pool, [heavy, light, down])).toEqual([8, 4, 1]);
    for (const lease of leases) lease.release();
  });

  it('keeps what has grown when the snapshot is the same, and lets it go with its endpoint', async ({
    follow,
    startServers,
  }) => {
    const servers = await startServers(2);
    const [one, other] = servers;
    if (!one || !other) return;
    const { pool, source } = follow({ perEndpoint: { max: 4 }, drain: 50 });
    await source.say(endpointsOf([one]));
    await pool.ready();
    for (const lease of await borrow(pool, 4)) lease.release();
    await source.say(endpointsOf([one]));
    expect(connectionsTo(pool, one)).toHaveLength(4);
    await source.say(endpointsOf([other]));
    await until(() => pool.size === 1 && pool.readyCount === 1);
    expect(spread(pool, servers)).toEqual([0, 1]);
  });

  it('is up while it grows, and not degraded', async ({ follow, server }) => {
    const { pool, source } = follow({ perEndpoint: { max: 3 } });
    await source.say([server.endpoint]);
    await pool.ready();
    const leases = borrow(pool, 3);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const growing = { state: 'up', size: 3, ready: 1 };
    expect(pool.stats()).toMatchObject({ ...growing, endpoints: [{ ...growing, wanted: 1 }] });
    for (const lease of await leases) lease.release();
  });

  it('closes no connection that the application has added', async ({ follow, server }) => {
    const { pool, source } = follow({ perEndpoint: { max: 2, idle: 20 } });
    await source.say([server.endpoint]);
    const added = pool.addConnection(server.endpoint);
    await pool.ready(2);
    for (const lease of await borrow(pool, 3)) lease.release();
    await until(() => pool.size === 2);
    await sleep(60);
    expect([pool.size, added.state]).toEqual([2, 'ready']);
  });

  it('takes other limits at run time', async ({ follow, server }) => {
    const { pool, source } = follow();
    await source.say([server.endpoint]);
    await pool.ready();
    pool.resize({ min: 2, max: 5, idle: 10_000 });
    await pool.ready(2);
    for (const lease of await borrow(pool, 5)) lease.release();
    pool.resize({ min: 1, max: 3, idle: 20 });
    await until(() => pool.size === 3);
    await until(() => pool.size === 1);
    pool.resize(2);
    await pool.ready(2);
    expect(pool.size).toBe(2);
    // What was wanted is too much now, although nothing has grown.
    pool.resize({ min: 1, max: 3, idle: 20 });
    await until(() => pool.size === 1);
  });

  it('lets go what a lower weight leaves over, once it is idle', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const { pool, source } = follow({ perEndpoint: { min: 3, max: 6, idle: 20 } });
    const [first, second] = endpointsOf(servers);
    await source.say([{ ...first }, { ...second }]);
    await pool.ready(6);
    await source.say([{ ...first, weight: 3 }, { ...second }]);
    await until(() => pool.size === 4);
    expect(spread(pool, servers)).toEqual([3, 1]);
  });

  it('refuses limits that make no sense', ({ manager }) => {
    const make = (perEndpoint: unknown): unknown =>
      manager.createPool('p', () => ({ onConnect() {} }), { perEndpoint: perEndpoint as never });
    expectOptionErrors('options.perEndpoint', [0, 1.5, '4', [], null], make);
    expectOptionErrors(
      'options.perEndpoint.max',
      [{}, { max: 0 }, { min: 3, max: 2 }, { max: 100_001 }],
      make,
    );
    expectOptionErrors('options.perEndpoint.min', [{ min: 0, max: 2 }], make);
    expectOptionErrors(
      'options.perEndpoint.idle',
      [
        { max: 2, idle: 0 },
        { max: 2, idle: NaN },
      ],
      make,
    );
    expectOptionErrors('options.perEndpoint', [{ max: 2, most: 3 }], make);
    expect(() => make({ max: 2 })).toThrow('options.discovery');
  });
});
