import { describe, expect } from 'vitest';
import { until } from '../../support/fixtures.js';
import { expectOptionErrors } from '../../support/refusal.js';
import { turns } from '../../support/repeat.js';
import { endpointsOf, it, spread } from './discovered-pool.js';

describe('a pool with spill', () => {
  it('keeps the old servers while too few of the new ones are ready', async ({ follow, startServers }) => {
    const blue = await startServers(3);
    const green = await startServers(3);
    await Promise.all(green.map((server) => server.refuse()));
    const { pool, source } = follow({ spill: 0.6, drain: 20 });
    await source.say(endpointsOf(blue));
    await pool.ready();
    await source.say(endpointsOf(green));
    await green[0]?.listen();
    await until(() => pool.readyCount === 4);
    await turns();
    expect(spread(pool, blue)).toEqual([1, 1, 1]);
    await green[1]?.listen();
    await until(() => pool.size === 3);
    expect(spread(pool, blue)).toEqual([0, 0, 0]);
  });

  it('serves those who wait by the backups when most of the primaries are lost', async ({
    follow,
    startServers,
  }) => {
    const [one, ...lost] = await startServers(5);
    const backups = await startServers(2);
    if (!one) return;
    const { pool, source } = follow({ spill: 0.8 });
    const all = endpointsOf([one, ...lost]);
    await source.say([
      ...all,
      ...endpointsOf(backups).map((each) => Object.assign({}, each, { priority: 1 })),
    ]);
    await pool.ready();
    await Promise.all(lost.map((server) => server.refuse()));
    for (const server of lost) server.dropAll('reset');
    await until(() => pool.readyCount === 3);
    const leases = await Promise.all([1, 2, 3].map(() => pool.acquire()));
    const ports = new Set(leases.map(({ connection }) => connection.endpoint.port));
    expect(ports).toEqual(new Set([one, ...backups].map(({ port }) => port)));
    for (const lease of leases) lease.release();
  });

  it('refuses what is no part', ({ manager }) => {
    const make = (spill: unknown): unknown =>
      manager.createPool('p', () => ({ onConnect() {} }), { spill: spill as never });
    expectOptionErrors('options.spill', [0, -1, 1.1, NaN, '1', null], make);
  });
});
