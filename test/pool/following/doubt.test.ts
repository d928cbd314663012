import { describe, expect } from 'vitest';
import type { DiscoveredEndpoint, DiscoveryContext, Endpoint } from '../../../src/index.js';
import { until } from '../../support/fixtures.js';
import { turns } from '../../support/repeat.js';
import { endpointsOf, it } from './discovered-pool.js';

/** A source that is asked again for doubts only: gives the lists in turn, the last one for ever. */
function askedAgain(lists: readonly (readonly Endpoint[])[], least: number) {
  const reasons: string[] = [];
  async function* discovery(
    signal: AbortSignal,
    { confirm, fail, report, wait }: DiscoveryContext,
  ): AsyncGenerator<readonly DiscoveredEndpoint[]> {
    for (let asked = 0; !signal.aborted; asked += 1) {
      const list = lists[asked];
      report({ asked: asked + 1 });
      if (list) yield list;
      else confirm();
      // oxlint-disable-next-line no-await-in-loop -- one look-up after the other
      const reason = await wait(Infinity, least);
      reasons.push(reason);
      if (reason === 'refresh') fail(new Error('in part'));
    }
  }
  return { discovery, reasons };
}

describe('a source is asked again', () => {
  it('when its servers die: with the new address in the registry, the outage is short', async ({
    follow,
    startServers,
  }) => {
    const servers = await startServers(2);
    const [old, fresh] = servers as [never, never];
    const { discovery, reasons } = askedAgain([endpointsOf([old]), endpointsOf([fresh])], 5);
    const { pool } = follow({ discovery });
    await pool.ready();
    await servers[0]?.refuse();
    servers[0]?.dropAll('reset');
    await until(() => pool.readyCount === 1 && [...pool][0]?.endpoint.port === servers[1]?.port);
    expect(pool.size).toBe(1);
    expect(reasons[0]).toBe('doubt');
    expect(reasons.length).toBeLessThanOrEqual(2);
  });

  it('when a dial fails for the first time', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    await servers[0]?.refuse();
    const [old, fresh] = servers as [never, never];
    const { discovery } = askedAgain([endpointsOf([old]), endpointsOf([fresh])], 5);
    const { pool } = follow({ discovery });
    await pool.ready(1);
    expect(pool.pick().endpoint.port).toBe(servers[1]?.port);
  });

  it('not for planned endings, nor for connections that discovery did not bring', async ({
    follow,
    startServers,
  }) => {
    const servers = await startServers(2);
    const { discovery, reasons } = askedAgain([endpointsOf(servers.slice(0, 1))], 0);
    const { pool } = follow({ discovery });
    await pool.ready();
    await [...pool][0]?.retire();
    await pool.ready();
    pool.addConnection(servers[1]?.endpoint as never);
    await pool.ready(2);
    servers[1]?.dropAll('reset');
    await until(() => pool.readyCount === 2);
    expect(reasons).toEqual([]);
  });

  it('by refresh(); what it says of itself is in stats()', async ({ channels, follow, server }) => {
    const { discovery, reasons } = askedAgain([[server.endpoint]], 60_000);
    const { pool } = follow({ discovery });
    await pool.ready();
    expect(pool.stats().discovery).toMatchObject({ snapshots: 1, failures: 0, source: { asked: 1 } });
    pool.refresh();
    await until(() => pool.stats().discovery?.source?.['asked'] === 2);
    expect(reasons).toEqual(['refresh']);
    await turns();
    const stats = pool.stats().discovery;
    expect(stats).toMatchObject({
      snapshots: 1,
      failures: 1,
      failuresInRow: 0,
      error: { message: 'in part' },
    });
    expect(stats?.age).toBeLessThan(20_000);
    expect(Object.isFrozen(stats)).toBe(true);
    expect(channels.of('connman:pool:discovery-failed')).toMatchObject([{ error: { message: 'in part' } }]);
  });

  it('by refresh(), if it hears no doubts, by another iteration; not twice before its answer', async ({
    follow,
    server,
  }) => {
    const { pool, source } = follow();
    await source.say([server.endpoint]);
    pool.refresh();
    pool.refresh();
    await turns();
    expect(source).toMatchObject({ begun: 2, left: 1 });
    await source.say([server.endpoint]);
    source.end();
    await turns();
    pool.refresh();
    await source.say([server.endpoint]);
    expect(source.begun).toBe(3);
    expect(pool.size).toBe(1);
    await pool.disconnect();
    expect(() => pool.refresh()).toThrow('disconnected');
  });

  it('at once by refresh(), while it waits after a failure', async ({ follow, server }) => {
    const { pool, source } = follow();
    void source.fail(new Error('no answer'));
    await until(() => source.left === 1);
    expect(pool.stats().discovery).toMatchObject({ failures: 1, failuresInRow: 1, age: undefined });
    pool.refresh();
    await source.say([server.endpoint]);
    expect(pool.stats().discovery).toMatchObject({ failuresInRow: 0, error: undefined });
  });

  it('only where there is one', async ({ manager }) => {
    const pool = manager.createPool('plain', () => ({ onConnect() {} }));
    expect(pool.stats().discovery).toBeUndefined();
    expect(() => pool.refresh()).toThrow('expected a pool with the option discovery');
  });
});

describe('maxStale', () => {
  it('ends what was found once there is no good answer for so long', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const { pool, source } = follow({ maxStale: 30 });
    const own = pool.addConnection(servers[1]?.endpoint as never);
    await source.say(endpointsOf(servers));
    await pool.ready();
    await source.say([]);
    expect(pool.size).toBe(3);
    await until(() => pool.size === 1);
    expect([...pool]).toEqual([own]);
    expect(pool.stats()).toMatchObject({
      state: 'up',
      discovery: { endpoints: 0, wanted: 0, missing: 0, failuresInRow: 1 },
    });
    pool.refresh();
    await source.say(endpointsOf(servers));
    await until(() => pool.readyCount === 3);
  });

  it('counts from the first failure since the last good answer, also for the only ones that are ready', async ({
    follow,
    server,
  }) => {
    const { pool, source } = follow({ maxStale: 60 });
    await source.say([server.endpoint]);
    await pool.ready();
    await source.say('garbage');
    await source.say([server.endpoint]);
    const start = performance.now();
    await until(() => performance.now() - start > 90);
    expect(pool.size).toBe(1);
    await source.say('garbage');
    await source.say([]);
    await until(() => pool.size === 0);
    expect(pool.stats()).toMatchObject({ state: 'down' });
  });
});

it('a source that confirms an empty answer does not confirm the one before', async ({ follow, server }) => {
  const lists = [[server.endpoint], []];
  const { discovery } = askedAgain(lists, 0);
  const { pool } = follow({ discovery, maxStale: 100 });
  await pool.ready();
  const asked = (): unknown => pool.stats().discovery?.source?.['asked'];
  for (const count of [2, 3]) {
    pool.refresh();
    // oxlint-disable-next-line no-await-in-loop
    await until(() => asked() === count);
  }
  expect(pool.stats().discovery).toMatchObject({ failuresInRow: 1, snapshots: 1 });
  await until(() => pool.size === 0);
});

describe('allowEndpoint', () => {
  const path = { path: '/run/engine.sock' };

  it('refuses a path, or the name of another, unless it says yes', async ({ channels, follow, server }) => {
    const { pool, source } = follow();
    const named = { ...server.endpoint, servername: server.endpoint.host };
    await source.say([path, { ...server.endpoint, servername: 'other.test' }, named]);
    await pool.ready();
    expect(pool.size).toBe(1);
    await source.say([path]);
    expect(pool.size).toBe(1);
    const messages = channels
      .of('connman:pool:discovery-failed')
      .map(({ error }) => (error as Error).message);
    expect(messages).toEqual([
      'snapshot: expected no path, and no servername but the host, unless options.allowEndpoint allows it, ' +
        'got /run/engine.sock and 1 more',
      expect.stringContaining('got /run/engine.sock'),
    ]);
  });

  it('is asked for every endpoint, and only true counts', async ({ channels, follow, startServers }) => {
    const servers = await startServers(3);
    const asked: unknown[] = [];
    const answers = [true, 1, Promise.resolve(true)];
    const { pool, source } = follow({
      allowEndpoint: (endpoint) => {
        asked.push(endpoint);
        return answers[asked.length - 1] as boolean;
      },
    });
    await source.say(endpointsOf(servers));
    await pool.ready();
    expect(asked).toEqual(endpointsOf(servers));
    expect([...pool].map(({ endpoint }) => endpoint.port)).toEqual([servers[0]?.port]);
    expect(channels.of('connman:pool:discovery-failed')).toMatchObject([
      { error: { message: expect.stringContaining('options.allowEndpoint returns true') as string } },
    ]);
  });

  it('that throws fails the snapshot', async ({ channels, follow, server }) => {
    const error = new Error('not today');
    const allowEndpoint = (): never => {
      throw error;
    };
    const { pool, source } = follow({ allowEndpoint });
    await source.say([server.endpoint]);
    expect(pool.size).toBe(0);
    expect(channels.of('connman:pool:discovery-failed')).toMatchObject([{ error }]);
  });

  it('is not needed for a list of the program', async ({ follow, manager, server }) => {
    const { pool } = follow();
    await pool.disconnect();
    const { staticEndpoints } = await import('../../../src/index.js');
    const discovery = staticEndpoints([{ ...server.endpoint, servername: 'other.test' }]);
    await manager.createPool('static', () => ({ onConnect() {} }), { discovery }).ready();
  });
});
