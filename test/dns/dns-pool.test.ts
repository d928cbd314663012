import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, onTestFinished } from 'vitest';
import { dnsAddresses, dnsServices } from '../../src/dns/index.js';
import { startFaultServer } from '../../src/testing/index.js';
import { address, service } from '../support/dns-responder.js';
import { until } from '../support/fixtures.js';
import { it } from './iterations.js';

const name = '_redis._tcp.service.consul';
const handler = (): { onConnect: () => void } => ({ onConnect: () => undefined });

/** The messages of what discovery fails with, until the test ends. */
function discoveryFailures(): string[] {
  const messages: string[] = [];
  const listen = (message: unknown): void => {
    messages.push((message as { error: Error }).error.message);
  };
  subscribe('connman:pool:discovery-failed', listen);
  onTestFinished(() => void unsubscribe('connman:pool:discovery-failed', listen));
  return messages;
}

it('a pool is ready although a family of its name has no route', async ({ dns, manager, server }) => {
  dns.addresses('a.test', '127.0.0.1', 'fe80::1');
  const failures = discoveryFailures();
  const discovery = dnsAddresses('a.test', server.port, { servers: [dns.server] });
  const pool = manager.createPool('cache', handler, { discovery });
  await pool.ready();
  expect(pool.stats()).toMatchObject({ state: 'up', size: 1 });
  expect(failures).toHaveLength(1);
});

it('a target that fails for a while is told, and is back soon, whatever the TTL of the others', async ({
  dns,
  manager,
  server,
}) => {
  const [one, two] = ['one.node.dc1.consul', 'two.node.dc1.consul'];
  dns.on(`SRV ${name}`, [service(name, one, server.port), service(name, two, server.port)]);
  dns.on(`A ${one}`, [address(one, '127.0.0.1', 20)]).on(`A ${two}`, 'SERVFAIL');
  const failures = discoveryFailures();
  const discovery = dnsServices(name, { servers: [dns.server], family: 4, minRefresh: 50 });
  const pool = manager.createPool('cache', handler, { discovery });
  await pool.ready();
  expect([pool.size, failures]).toEqual([1, [expect.stringMatching(/1 of the 2 targets .* ESERVFAIL/)]]);
  dns.on(`A ${two}`, [address(two, '127.0.0.1', 20)]);
  await until(() => pool.readyCount === 2);
  expect(failures.length).toBeLessThan(4);
});

it('a pool of addresses in rotation has all of them, and opens and closes nothing any more', async ({
  dns,
  manager,
}) => {
  await using server = await startFaultServer({ host: '0.0.0.0' });
  const hosts = Array.from({ length: 9 }, (_, index) => `127.0.0.${index + 1}`);
  dns.on('A a.test', (ask) =>
    [0, 1, 2].map((each) => address('a.test', hosts[(3 * ask + each) % 9] ?? '', 0)),
  );
  const options = { servers: [dns.server], family: 4, minRefresh: 5, linger: 60_000 } as const;
  const discovery = dnsAddresses('a.test', server.port, options);
  const pool = manager.createPool('cache', handler, { discovery, perEndpoint: 2 });
  await until(() => pool.readyCount === 18);
  const asked = dns.count('A a.test');
  await until(() => dns.count('A a.test') > asked + 12);
  expect([pool.size, server.accepted]).toEqual([18, 18]);
  expect(pool.stats()).toMatchObject({ state: 'up', discovery: { endpoints: 9, wanted: 18, failures: 0 } });
});
