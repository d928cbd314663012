import { describe, expect } from 'vitest';
import { ClosedError, OptionError, staticEndpoints } from '../../../src/index.js';
import { until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { turns } from '../../support/repeat.js';
import { endpointsOf, it, spread } from './discovered-pool.js';

it('refresh() may be called by who hears of a snapshot or of a failure', async ({ channels, follow }) => {
  let calls = 0;
  const { pool } = follow({
    discovery: () => {
      calls += 1;
      if (calls % 2 === 0) throw new Error('no answer');
      return staticEndpoints([{ host: '127.0.0.1', port: 1 }]);
    },
  });
  channels.on('connman:pool:discover', () => pool.refresh());
  channels.on('connman:pool:discovery-failed', () => pool.refresh());
  await turns();
  expect(calls).toBeGreaterThan(2);
  expect(calls).toBeLessThan(21);
  await pool.disconnect();
});

describe('resize()', () => {
  it('opens what is missing, and drains what is too much', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const { pool, source } = follow();
    await source.say(endpointsOf(servers));
    await pool.ready();
    const first = [...pool];
    pool.resize(3);
    await pool.ready(6);
    expect(spread(pool, servers)).toEqual([3, 3]);
    expect([...pool].slice(0, 2)).toEqual(first);
    pool.resize(2);
    await until(() => pool.size === 4);
    expect(spread(pool, servers)).toEqual([2, 2]);
    expect(pool.readyCount).toBe(4);
    expect(first.map(({ life, state }) => [life, state])).toEqual([
      [1, 'ready'],
      [1, 'ready'],
    ]);
  });

  it('may be called by who hears that a snapshot is carried out', async ({ channels, follow, server }) => {
    const { pool, source } = follow();
    channels.on('connman:pool:discover', ({ endpoints }) => pool.resize(6 / endpoints));
    await source.say([server.endpoint]);
    await pool.ready(6);
    expect(channels.of('connman:pool:discover')).toMatchObject([{ opened: 1 }, { opened: 5 }]);
  });

  it('keeps what is lent rather than what is free', async ({ follow, startServers }) => {
    const servers = await startServers(1);
    const { pool, source } = follow({
      perEndpoint: 4,
      pick: (candidates) => [...candidates].at(-1) as never,
    });
    await source.say(endpointsOf(servers));
    await pool.ready();
    const lease = await pool.acquire();
    pool.resize(1);
    await until(() => pool.size === 1);
    expect([...pool]).toEqual([lease.connection]);
    lease.release();
    expect(pool.readyCount).toBe(1);
  });

  it('counts from the first snapshot on when there was none yet', async ({ follow, startServers }) => {
    const servers = await startServers(2);
    const { pool, source } = follow();
    pool.resize(3);
    expect(pool.size).toBe(0);
    await source.say(endpointsOf(servers));
    expect(pool.size).toBe(6);
  });

  it('may be called by who hears of a connection', async ({ channels, follow, startServers }) => {
    const servers = await startServers(2);
    const { pool, source } = follow();
    channels.on('connman:pool:add', () => {
      if (pool.size < 3) pool.resize(3);
    });
    await source.say(endpointsOf(servers));
    await pool.ready();
    expect(spread(pool, servers)).toEqual([3, 3]);
  });

  it('refuses what makes no sense', async ({ follow, manager }) => {
    const { pool } = follow();
    for (const wrong of [0, -1, 1.5, NaN, Infinity, '2', undefined, 100_001]) {
      expect(() => pool.resize(wrong as number)).toThrow(OptionError);
    }
    const fixed = manager.createPool('fixed', () => new Recorder());
    expect(() => fixed.resize(2)).toThrow('expected a pool with the option discovery, got the pool fixed');
    await pool.disconnect();
    expect(() => pool.resize(2)).toThrow(ClosedError);
  });
});
