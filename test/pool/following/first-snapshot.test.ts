import { once } from 'node:events';
import { describe, expect } from 'vitest';
import { ClosedError, constant, NoConnectionError, TimeoutError, type Endpoint } from '../../../src/index.js';
import type { FaultServer } from '../../../src/testing/index.js';
import { until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { turns } from '../../support/repeat.js';
import { endpointsOf, it, spread } from './discovered-pool.js';

describe('ready() before the first snapshot', () => {
  it('waits for it, and for as many connections as it brings', async ({ follow, startServers }) => {
    const servers = await startServers(3);
    const { pool, source } = follow();
    let isReady = false;
    const ready = pool.ready().then(() => (isReady = true));
    await turns();
    await source.say([]);
    expect(isReady).toBe(false);
    await source.say(endpointsOf(servers));
    await ready;
    expect(pool.readyCount).toBe(3);
  });

  it('waits for a number, wherever it comes from', async ({ follow, startServers }) => {
    const servers = await startServers(3);
    const { pool, source } = follow();
    const ready = pool.ready(2);
    await source.say(endpointsOf(servers.slice(0, 1)));
    await until(() => pool.readyCount === 1);
    await source.say(endpointsOf(servers));
    await ready;
    expect(pool.readyCount).toBeGreaterThanOrEqual(2);
  });

  it('ends with the pool, or its signal', async ({ follow }) => {
    const { pool, source } = follow();
    const controller = new AbortController();
    const aborted = pool.ready(undefined, { signal: controller.signal });
    const closed = pool.ready();
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await turns();
    await pool.disconnect();
    await expect(closed).rejects.toBeInstanceOf(ClosedError);
    expect(source.left).toBe(1);
  });

  it('rejects when the source ends without one, and so does acquire()', async ({ follow }) => {
    const { pool, source } = follow();
    const ready = expect(pool.ready()).rejects.toMatchObject({ name: 'NoConnectionError', pool: 'followed' });
    const acquired = expect(pool.acquire()).rejects.toBeInstanceOf(NoConnectionError);
    await source.say('nonsense');
    source.end();
    await acquired;
    await ready;
    await expect(pool.ready()).rejects.toMatchObject({ cause: { option: 'snapshot' } });
  });
});

describe('ready() of a pool that follows discovery', () => {
  it('wants less when endpoints are taken away', async ({ follow, startServers }) => {
    const servers = await startServers(3);
    const [one, two, dead] = servers as [FaultServer, FaultServer, FaultServer];
    await dead.refuse();
    const { pool, source } = follow({ backoff: constant(5) });
    await source.say(endpointsOf(servers));
    const ready = pool.ready();
    const three = expect(pool.ready(3)).rejects.toBeInstanceOf(ClosedError);
    await until(() => pool.readyCount === 2);
    await source.say(endpointsOf([one, two]));
    await ready;
    await pool.disconnect();
    await three;
  });

  it('wants one at least', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const [dead, late] = servers as [FaultServer, FaultServer];
    await Promise.all(servers.map((server) => server.refuse()));
    const { pool, source } = follow({ backoff: constant(5), maxAttempts: 2 });
    await source.say(endpointsOf([dead]));
    let isReady = false;
    const ready = pool.ready().then(() => (isReady = true));
    await until(() => pool.size === 0);
    await turns();
    expect(isReady).toBe(false);
    await late.listen();
    await source.say(endpointsOf([late]));
    await ready;
  });

  it('rejects when nothing is left that is opened again, and the source has ended', async ({
    follow,
    server,
  }) => {
    await server.refuse();
    const { pool, source } = follow({ shouldRetry: () => false });
    await source.say([server.endpoint]);
    const ready = expect(pool.ready()).rejects.toMatchObject({
      name: 'NoConnectionError',
      cause: { code: 'CONNMAN_DIAL' },
    });
    await until(() => pool.size === 0);
    source.end();
    await ready;
  });

  it('is content with what the program has added when the source ends without an answer', async ({
    follow,
    server,
  }) => {
    const { pool, source } = follow();
    const ready = pool.ready();
    pool.addConnection(server.endpoint);
    source.end();
    await ready;
    expect(pool.readyCount).toBe(1);
  });
});

describe('acquire() before the first snapshot', () => {
  it('waits, and gets what that brings', async ({ follow, server }) => {
    const { pool, source } = follow();
    const waiting = pool.acquire();
    await turns();
    await source.say([server.endpoint]);
    (await waiting).release();
  });

  it('fails at its deadline with what discovery failed with', async ({ follow }) => {
    const { pool, source } = follow();
    const error = new Error('no such name');
    void source.fail(error);
    const failure = await pool.acquire({ timeout: 30 }).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(TimeoutError);
    expect((failure as TimeoutError).cause).toBe(error);
  });
});

describe('a factory that throws', () => {
  it('costs its own endpoint only, is told of, and is asked again by the next snapshot', async ({
    channels,
    follow,
    startServers,
  }) => {
    const servers = await startServers(3);
    const broken = servers[1]?.port;
    const error = new Error('no handler');
    let isBroken = true;
    const factory = ({ port }: Endpoint): Recorder => {
      if (isBroken && port === broken) throw error;
      return new Recorder();
    };
    const { pool, source } = follow({ factory });
    await source.say(endpointsOf(servers));
    // It is also asked again after a while, and fails until it is whole.
    const failures = channels.of('connman:pool:discovery-failed').map((event) => event.error);
    expect(new Set(failures)).toEqual(new Set([error]));
    await pool.ready();
    expect(spread(pool, servers)).toEqual([1, 0, 1]);
    isBroken = false;
    await source.say(endpointsOf(servers));
    await pool.ready();
    expect(spread(pool, servers)).toEqual([1, 1, 1]);
  });

  it('may give something that is no handler', async ({ channels, follow, startServers }) => {
    const servers = await startServers(1);
    const warned = once(process, 'warning');
    const { pool, source } = follow({ factory: () => ({}) as Recorder });
    await source.say(endpointsOf(servers));
    expect(pool.size).toBe(0);
    expect(await warned).toMatchObject([
      {
        code: 'CONNMAN_DISCOVERY',
        message: `the factory of pool ${pool.name} gives no handler: handler.onConnect: expected a function, got undefined`,
      },
    ]);
    expect(channels.of('connman:pool:discovery-failed')).toMatchObject([{ error: { name: 'OptionError' } }]);
  });
});

describe('disconnecting a pool that follows discovery', () => {
  it('tells the source, and nothing is opened any more', async ({ channels, follow, startServers }) => {
    const servers = await startServers(2);
    const { pool, source } = follow();
    await source.say(endpointsOf(servers.slice(0, 1)));
    await pool.ready();
    const closed = pool.disconnect({ grace: 0 });
    expect(source.left).toBe(1);
    void source.say(endpointsOf(servers));
    await closed;
    await turns();
    expect(pool.size).toBe(0);
    expect(servers[1]?.accepted).toBe(0);
    expect(channels.names.slice(-2)).toEqual(['pool:remove', 'pool:close']);
  });

  it('works from within the factory', async ({ follow, manager, startServers }) => {
    const servers = await startServers(3);
    let made = 0;
    const factory = (): Recorder => {
      made += 1;
      if (made === 2) void manager.getPool('followed')?.disconnect({ grace: 0 });
      return new Recorder();
    };
    const { pool, source } = follow({ factory });
    void source.say(endpointsOf(servers));
    await until(() => made === 2 && pool.size === 0);
    await turns();
    expect(made).toBe(2);
    expect(source.left).toBe(1);
  });

  it('aborts the signal that a function got which makes the source', async ({ follow }) => {
    const signals: AbortSignal[] = [];
    const { pool, source } = follow({
      discovery: (signal) => {
        signals.push(signal);
        return source;
      },
    });
    await turns();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await pool.disconnect();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

it('tells of what it does for discovery', async ({ channels, follow, startServers }) => {
  const servers = await startServers(3);
  const { pool, source } = follow({ perEndpoint: 2 });
  await source.say(endpointsOf(servers.slice(0, 2)));
  await pool.ready();
  await source.say(endpointsOf(servers.slice(1)));
  await pool.ready();
  expect(channels.of('connman:pool:discover')).toMatchObject([
    { pool: 'followed', size: 4, endpoints: 2, opened: 4, drained: 0 },
    { pool: 'followed', endpoints: 2, opened: 2, drained: 2 },
  ]);
  expect(channels.names.indexOf('pool:discover')).toBeGreaterThan(channels.names.indexOf('pool:add'));
});
