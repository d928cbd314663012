import { describe, expect } from 'vitest';
import {
  ClosedError,
  constant,
  leastLeased,
  NoConnectionError,
  OptionError,
  random,
  roundRobin,
  twoChoices,
  type Choose,
  type Connection,
  type ConnectionManager,
  type Lease,
  type Pool,
  type PoolOptions,
} from '../../../src/index.js';
import { startFaultServer, type FaultServer } from '../../../src/testing/index.js';
import { it, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { expectOptionErrors } from '../../support/refusal.js';

type Picked = Connection<Recorder>;

/** A pool of so many connections, all ready. */
async function readyPool(
  manager: ConnectionManager,
  servers: readonly FaultServer[],
  pick?: PoolOptions<Recorder>['pick'],
): Promise<Pool<Recorder>> {
  const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0), pick });
  for (const server of servers) pool.addConnection(server.endpoint);
  await pool.ready();
  return pool;
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

describe('pick()', () => {
  it('takes turns unless told otherwise', async ({ manager, server }) => {
    for (const pick of [undefined, roundRobin()]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const pool = await readyPool(manager, [server, server, server], pick);
      const round = times(3, () => pool.pick());
      expect(new Set(round)).toEqual(new Set(pool));
      expect(times(3, () => pool.pick())).toEqual(round);
      // oxlint-disable-next-line no-await-in-loop
      await pool.disconnect({ grace: 0 });
    }
  });

  it.for([random(), twoChoices(), leastLeased()])(
    'reaches every connection by %o',
    async (pick, { manager, server }) => {
      const pool = await readyPool(manager, [server, server, server, server], pick);
      const picked = new Set<Picked>();
      await until(() => picked.add(pool.pick()).size === 4);
      expect(picked).toEqual(new Set(pool));
    },
  );

  it('by leastLeased() spares the endpoint whose connections are lent', async ({ manager, server }) => {
    await using other = await startFaultServer();
    const pool = await readyPool(manager, [server, server, server, other, other, other], leastLeased());
    const leases = times(4, () => pool.tryAcquire() as Lease<Recorder>);
    const ports = (list: readonly Lease<Recorder>[]): unknown[] =>
      list.map(({ connection }) => connection.endpoint.port);
    expect(ports(leases).filter((port) => port === other.port)).toHaveLength(2);
    for (const lease of leases.filter(({ connection }) => connection.endpoint.port === other.port))
      lease.release();
    const next = times(2, () => pool.tryAcquire() as Lease<Recorder>);
    expect(ports(next)).toEqual([other.port, other.port]);
  });

  it('by twoChoices() goes by what the program counts', async ({ manager, server }) => {
    const busy = new Set<Picked>();
    const pick = twoChoices((connection: Picked) => (busy.has(connection) ? 1 : 0));
    const pool = await readyPool(manager, [server, server, server], pick);
    const [first, second, third] = pool;
    busy.add(first as Picked).add(second as Picked);
    const picked = times(60, () => pool.pick());
    // The third is one of the two that are drawn in two of three picks.
    expect(picked.filter((each) => each === third).length).toBeGreaterThan(20);
  });

  it('by a function gives what that chooses of what is ready and not lent', async ({ manager, server }) => {
    const seen: number[] = [];
    const pool = await readyPool(manager, [server, server, server], (candidates) => {
      seen.push(candidates.length);
      return candidates.at(candidates.length - 1) as Picked;
    });
    const [, , third] = pool;
    expect(pool.pick()).toBe(third);
    const lease = await pool.acquire();
    expect(lease.connection).toBe(third);
    pool.pick();
    expect(seen).toEqual([3, 3, 2]);
    lease.release();
  });

  it('throws when nothing is ready, or all is lent', async ({ manager, server }) => {
    const pool = await readyPool(manager, [server]);
    const lease = await pool.acquire();
    expect(() => pool.pick()).toThrow(NoConnectionError);
    lease.release();
    pool.pick();
    await server.refuse();
    server.dropAll('reset');
    await until(() => pool.readyCount === 0 && pool.getHandler(0).failures.length > 0);
    expect(() => pool.pick()).toThrow(
      expect.objectContaining({ pool: 'p', cause: expect.anything() as unknown }),
    );
    await pool.disconnect();
    expect(() => pool.pick()).toThrow(ClosedError);
  });
});

describe('a function of the program that picks', () => {
  it('may throw: who asks is told, and nothing is lost', async ({ manager, server }) => {
    const error = new Error('no idea');
    let isStumped = true;
    const pool = await readyPool(manager, [server, server], (candidates) => {
      if (isStumped) throw error;
      return candidates.at(0) as Picked;
    });
    expect(() => pool.pick()).toThrow(error);
    expect(() => pool.tryAcquire()).toThrow(error);
    await expect(pool.acquire()).rejects.toBe(error);
    await expect(pool.use(() => 1)).rejects.toBe(error);
    isStumped = false;
    const leases = times(2, () => pool.tryAcquire());
    expect(new Set(leases.map((lease) => lease?.connection))).toEqual(new Set(pool));
    expect(pool.stats()).toMatchObject({ leased: 2, failedAcquires: 2 });
  });

  it('may not choose what is no candidate', async ({ manager, server }) => {
    const pool = await readyPool(manager, [server, server], () => ({}) as Picked);
    expect(() => pool.pick()).toThrow(OptionError);
    await expect(pool.acquire()).rejects.toBeInstanceOf(OptionError);
    expect(pool.stats()).toMatchObject({ leased: 0, ready: 2 });
  });

  it('may acquire: no connection gets two holders', async ({ manager, server }) => {
    const nested: (Lease<Recorder> | undefined)[] = [];
    let depth = 0;
    const choose: Choose<Picked> = (candidates) => {
      const first = candidates.at(0) as Picked;
      depth += 1;
      if (depth === 1) nested.push(pool.tryAcquire());
      depth -= 1;
      return first;
    };
    const pool = await readyPool(manager, [server, server, server], choose);
    // The one that it was about to choose is lent by then.
    expect(() => pool.tryAcquire()).toThrow(OptionError);
    expect(nested.map((lease) => lease?.connection)).toEqual([[...pool][0]]);
    expect(pool.stats().leased).toBe(1);
    nested.pop()?.release();
    expect(pool.stats()).toMatchObject({ leased: 0, ready: 3 });
  });

  it('may acquire in twoChoices() as well', async ({ manager, server }) => {
    const nested: Lease<Recorder>[] = [];
    let isNested = false;
    const pick = twoChoices(() => {
      if (!isNested) {
        isNested = true;
        const lease = pool.tryAcquire();
        if (lease) nested.push(lease);
        isNested = false;
      }
      return 0;
    });
    const pool: Pool<Recorder> = await readyPool(
      manager,
      times(8, () => server),
      pick,
    );
    const lease = pool.tryAcquire();
    const holders = [...nested, lease].map((each) => each?.connection);
    expect(new Set(holders).size).toBe(holders.length);
    expect(pool.stats().leased).toBe(holders.filter((each) => each !== undefined).length);
  });
});

describe('the option pick', () => {
  it('refuses what is neither a strategy nor a function', ({ manager }) => {
    const make = (pick: unknown): unknown =>
      manager.createPool('p', () => new Recorder(), { pick: pick as never });
    const wrong = [null, 5, 'roundRobin', {}, [], true, { name: 'roundRobin', makePicker() {} }];
    expectOptionErrors('options.pick', wrong, make);
    expect(() => make('roundRobin')).toThrow(
      'expected roundRobin(), leastLeased(), twoChoices(), random() or a function',
    );
    expect(manager.getPool('p')).toBeUndefined();
  });

  it('refuses a load that is no function', () => {
    expectOptionErrors('loadOf', [null, 5, 'x', {}, []], (loadOf) => twoChoices(loadOf as never));
  });

  it('may be the same for several pools', async ({ manager, server }) => {
    const pick = roundRobin();
    const pools = ['a', 'b'].map((name) => manager.createPool(name, () => new Recorder(), { pick }));
    for (const pool of pools) for (const _ of [1, 2]) pool.addConnection(server.endpoint);
    await Promise.all(pools.map((pool) => pool.ready()));
    for (const pool of pools) expect(new Set([pool.pick(), pool.pick()])).toEqual(new Set(pool));
  });
});
