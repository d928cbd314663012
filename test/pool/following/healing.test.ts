import { describe, expect } from 'vitest';
import { FatalError, staticEndpoints, type Endpoint } from '../../../src/index.js';
import { until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { repeat, turns } from '../../support/repeat.js';
import { connectionsTo, endpointsOf, it, spread, type DiscoveredPool } from './discovered-pool.js';

/** A handler whose password is wrong while `isWrong` says so. */
function login(isWrong: () => boolean): Recorder {
  const handler = new Recorder();
  handler.onConnect = async (): Promise<void> => {
    await turns(1);
    if (isWrong()) throw new FatalError('wrong password');
  };
  handler.onReconnect = handler.onConnect;
  return handler;
}

for (const name of ['refresh', 'resize'] as const) {
  it(`a factory that calls ${name}() and throws is asked again only after a wait`, async ({
    follow,
    server,
  }) => {
    let calls = 0;
    const factory = (): Recorder => {
      calls += 1;
      if (calls > 6) return new Recorder();
      if (name === 'refresh') pool.refresh();
      else pool.resize(1 + calls);
      throw new Error('not yet');
    };
    const { pool, source } = follow({ factory });
    await source.say([server.endpoint]);
    expect(calls).toBe(1);
    await pool.ready(1);
  });
}

describe('what the last snapshot wants is restored', () => {
  const kinds: readonly (readonly [string, (followed: DiscoveredPool) => void])[] = [
    ['disconnect()', ({ pool }) => void [...pool][0]?.disconnect()],
    ['disconnect() with a long grace', ({ pool }) => void [...pool][0]?.disconnect({ grace: 60_000 })],
    ['removeConnection()', ({ pool }) => void pool.removeConnection([...pool][0] as never)],
  ];
  for (const [name, lose] of kinds) {
    it(`after ${name}; the pool is degraded meanwhile`, async ({ channels, follow, startServers }) => {
      const servers = await startServers(2);
      const followed = follow({ perEndpoint: 2 });
      const { pool, source } = followed;
      await source.say(endpointsOf(servers));
      await pool.ready();
      lose(followed);
      expect(pool.readyCount).toBe(3);
      expect(pool.stats()).toMatchObject({
        state: 'degraded',
        discovery: { endpoints: 2, wanted: 4, missing: 1, refused: 0 },
        endpoints: [
          { state: 'degraded', wanted: 2, size: 1, ready: 1 },
          { state: 'up', wanted: 2, size: 2, ready: 2 },
        ],
      });
      await until(() => pool.readyCount === 4);
      expect(spread(pool, servers)).toContain(2);
      expect(pool.stats()).toMatchObject({ state: 'up', discovery: { missing: 0 } });
      const states = channels.of('connman:pool:state').map(({ from, to }) => `${from} ${to}`);
      expect(states.slice(-2)).toEqual(['up degraded', 'degraded up']);
    });
  }

  it('after all of them gave up, though the source has ended; who waits gets one', async ({
    follow,
    startServers,
  }) => {
    const servers = await startServers(2);
    const { pool } = follow({ maxAttempts: 1, discovery: staticEndpoints(endpointsOf(servers)) });
    await pool.ready();
    await Promise.all(servers.map((server) => server.refuse()));
    for (const server of servers) server.dropAll('reset');
    await until(() => pool.size === 0);
    expect(pool.stats()).toMatchObject({
      state: 'down',
      rootCode: 'ECONNREFUSED',
      discovery: { missing: 2 },
      endpoints: [
        { size: 0, wanted: 1, state: 'down' },
        { size: 0, wanted: 1, state: 'down' },
      ],
    });
    const [ready, lease] = [pool.ready(2), pool.acquire()];
    await Promise.all(servers.map((server) => server.listen()));
    (await lease).release();
    await ready;
    expect(spread(pool, servers)).toEqual([1, 1]);
  });

  it('after the factory threw, without another snapshot', async ({ channels, follow, startServers }) => {
    const servers = await startServers(2);
    let calls = 0;
    const factory = (): Recorder => {
      calls += 1;
      if (calls <= 2) throw new Error(`call ${calls}`);
      return new Recorder();
    };
    const { pool, source } = follow({ factory });
    await source.say(endpointsOf(servers));
    expect(pool.stats()).toMatchObject({ size: 0, state: 'down', discovery: { missing: 2 } });
    await until(() => pool.readyCount === 2);
    expect(spread(pool, servers)).toEqual([1, 1]);
    expect(channels.of('connman:pool:discovery-failed')).toHaveLength(2);
  });

  it('not what another snapshot has taken away, nor after disconnect()', async ({ follow, startServers }) => {
    const servers = await startServers(3);
    const { pool, source } = follow();
    await source.say(endpointsOf(servers));
    await pool.ready();
    const [one, two] = [...pool];
    await Promise.all([pool.removeConnection(one as never), pool.removeConnection(two as never)]);
    await source.say(endpointsOf(servers.slice(1)));
    await until(() => pool.readyCount === 2);
    expect(pool.stats()).toMatchObject({ state: 'up', added: 4, discovery: { wanted: 2, missing: 0 } });
    await pool.removeConnection([...pool][0] as never);
    await pool.disconnect();
    expect(pool.stats()).toMatchObject({ size: 0, added: 4 });
  });
});

describe('what has ended for good', () => {
  const ends = {
    'a fatal failure': { shouldRetry: undefined, maxAttempts: Infinity },
    'refused handshakes': { shouldRetry: () => true, maxAttempts: 2 },
  };
  for (const [name, { shouldRetry, maxAttempts }] of Object.entries(ends)) {
    it(`is not restored after ${name}, but by refresh() or a return`, async ({ follow, startServers }) => {
      const servers = await startServers(2);
      const [good, bad] = endpointsOf(servers) as [Endpoint, Endpoint];
      let isWrong = true;
      const made = new Map<number | undefined, number>();
      const factory = ({ port }: Endpoint): Recorder => {
        made.set(port, (made.get(port) ?? 0) + 1);
        const handler = login(() => isWrong && port === bad.port);
        if (shouldRetry) {
          handler.onConnect = async (): Promise<void> => {
            await turns(1);
            if (isWrong && port === bad.port) throw new Error('wrong password');
          };
        }
        return handler;
      };
      const { pool, source } = follow({ factory, shouldRetry, maxAttempts });
      await source.say([good, bad]);
      await until(() => pool.stats().discovery?.refused === 1);
      // The others are restored, and snapshots come: it is left out each time.
      await repeat(2, async () => {
        await pool.removeConnection([...pool][0] as never);
        await source.say([good, bad]);
        await until(() => pool.readyCount === 1);
      });
      expect(made.get(bad.port)).toBe(1);
      expect(pool.stats()).toMatchObject({ state: 'degraded', discovery: { wanted: 2, missing: 1 } });
      pool.refresh();
      expect(made.get(bad.port)).toBe(2);
      await until(() => pool.stats().discovery?.refused === 1);
      isWrong = false;
      await source.say([good]);
      await source.say([good, bad]);
      await until(() => pool.readyCount === 2);
      expect(pool.stats()).toMatchObject({ state: 'up', discovery: { missing: 0, refused: 0 } });
      expect(made.get(bad.port)).toBe(3);
    });
  }

  it('leaves nothing to wait for once the source has ended, and returns by refresh()', async ({
    follow,
    server,
  }) => {
    let isWrong = true;
    const factory = (): Recorder => login(() => isWrong);
    const { pool } = follow({ factory, discovery: staticEndpoints([server.endpoint]) });
    await expect(pool.acquire()).rejects.toMatchObject({ name: 'NoConnectionError' });
    isWrong = false;
    await until(() => pool.size === 0);
    pool.refresh();
    (await pool.acquire()).release();
  });
});

describe('what is withdrawn and not ready', () => {
  it('is let go at once: 40 lists of 5 dead ones leave 6 connections', async ({ follow, startServers }) => {
    const [server] = await startServers(1);
    const { pool, source } = follow({
      backoff: { delay: 60_000, next: () => ({ delay: 60_000, next: never }) },
    });
    await source.say(endpointsOf([server as never]));
    await pool.ready();
    await repeat(40, async (turn) => {
      const dead = [0, 1, 2, 3, 4].map((host) => ({ host: `127.9.${turn}.${host + 1}`, port: 1 }));
      await source.say(dead);
    });
    await until(() => pool.size === 6);
    expect(pool.readyCount).toBe(1);
    expect(pool.stats().discovery).toMatchObject({ snapshots: 41, wanted: 5, missing: 0 });
  });

  it('is let go when its life is lost, and not dialled again', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const [old, fresh] = servers as [never, never];
    const { pool, source } = follow();
    await servers[1]?.refuse();
    await source.say(endpointsOf([old]));
    await pool.ready();
    await source.say(endpointsOf([fresh]));
    expect(spread(pool, servers)).toEqual([1, 1]);
    servers[0]?.dropAll('reset');
    await until(() => connectionsTo(pool, old).length === 0);
    await turns();
    expect(servers[0]?.accepted).toBe(1);
  });
});

function never(): never {
  throw new Error('nobody waits so long');
}
