import { expect } from 'vitest';
import type { Pool } from '../../src/index.js';
import { dnsAddresses } from '../../src/dns/index.js';
import { startFaultServer } from '../../src/testing/index.js';
import { address } from '../support/dns-responder.js';
import { pass, passUntil, withFakeTime } from '../support/fake-time.js';
import { until } from '../support/fixtures.js';
import { it } from './iterations.js';

const handler = (): { onConnect: () => void } => ({ onConnect: () => undefined });
const hostsOf = (pool: Pool): unknown[] => [...pool].map(({ endpoint }) => endpoint.host);

it('a pool whose servers are dead gets the new ones, whatever the TTL of the old ones', async ({
  dns,
  manager,
  server,
}) => {
  // The same port at another address of this host.
  await using next = await startFaultServer({ host: '127.0.0.2', port: server.port });
  dns.addresses('a.test').on('A a.test', [address('a.test', '127.0.0.1', 300)]);
  const discovery = dnsAddresses('a.test', server.port, { servers: [dns.server], minRefresh: 50 });
  const pool = manager.createPool('cache', handler, { discovery });
  await pool.ready();
  dns.on('A a.test', [address('a.test', '127.0.0.2', 300)]);
  const begin = performance.now();
  await server.close();
  await next.accept(1);
  await until(() => pool.readyCount > 0 && hostsOf(pool).join() === '127.0.0.2');
  // With a TTL of 300 s it would be minutes.
  expect(performance.now() - begin).toBeLessThan(5_000);
  expect(dns.count('A a.test')).toBeLessThan(10);
  expect(pool.stats().discovery).toMatchObject({ failures: 0, source: { name: 'a.test', ttl: 300 } });
});

it('a pool whose servers are dead gets the new ones soon, though the DNS has failed for long', async ({
  dns,
  manager,
  server,
}) => {
  await using next = await startFaultServer({ host: '127.0.0.2', port: server.port });
  dns.addresses('a.test').on('A a.test', [address('a.test', '127.0.0.1', 0)]);
  await withFakeTime(async () => {
    const discovery = dnsAddresses('a.test', server.port, { servers: [dns.server], minRefresh: 50 });
    const pool = manager.createPool('cache', handler, { discovery });
    await pool.ready();
    dns.on('A a.test', 'SERVFAIL');
    // From then on, at least 15 s are between two look-ups that nothing hastens.
    while ((pool.stats().discovery?.failuresInRow ?? 0) < 7) await pass(1_000, 1_000);
    dns.on('A a.test', [address('a.test', '127.0.0.2', 300)]);
    const begin = performance.now();
    await server.close();
    await passUntil(next.accept(1));
    await passUntil(until(() => pool.readyCount === 1 && pool.size === 1));
    expect(hostsOf(pool)).toEqual(['127.0.0.2']);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

it('an answer that stays empty holds for maxStale', async ({ dns, manager, server }) => {
  dns.addresses('a.test').on('A a.test', [address('a.test', '127.0.0.1', 0)]);
  const discovery = dnsAddresses('a.test', server.port, { servers: [dns.server], minRefresh: 20 });
  const pool = manager.createPool('cache', handler, { discovery, maxStale: 300 });
  await pool.ready();
  dns.on('A a.test', []);
  const begin = performance.now();
  await until(() => pool.size === 0);
  expect(performance.now() - begin).toBeGreaterThan(290);
  dns.on('A a.test', [address('a.test', '127.0.0.1', 0)]);
  pool.refresh();
  await pool.ready(1);
});
