import { describe, expect } from 'vitest';
import type { Discovery } from '../../src/discovery/index.js';
import { dnsAddresses, dnsServices, type DnsServicesOptions } from '../../src/dns/index.js';
import { address, service, type DnsResponder } from '../support/dns-responder.js';
import { pass, withFakeTime } from '../support/fake-time.js';
import { until } from '../support/fixtures.js';
import { it } from './iterations.js';

const name = '_redis._tcp.a.test';

function addresses(dns: DnsResponder, options: DnsServicesOptions = {}): Discovery {
  return dnsAddresses('a.test', 80, { servers: [dns.server], family: 4, jitter: 0, ...options });
}

function services(dns: DnsResponder, options: DnsServicesOptions = {}): Discovery {
  return dnsServices(name, { servers: [dns.server], family: 4, jitter: 0, ...options });
}

describe('an answer in doubt', () => {
  it('is looked up again, at most once for each minRefresh', async ({ dns, hear }) => {
    dns.on('A a.test', (ask) => [address('a.test', ask < 3 ? '10.0.0.1' : '10.0.0.2', 300)]);
    await withFakeTime(async () => {
      const heard = hear(addresses(dns, { minRefresh: 500 }));
      await until(() => heard.snapshots.length === 1);
      await pass(2_000, 500);
      expect(dns.asked).toHaveLength(1);
      for (let doubts = 0; doubts < 100; doubts += 1) heard.ask('doubt');
      await until(() => dns.asked.length === 2);
      await until(() => heard.confirmed === 1);
      heard.ask('doubt');
      await pass(499, 499);
      expect(dns.asked).toHaveLength(2);
      await pass(1, 1);
      await until(() => heard.snapshots.length === 2);
      expect(heard.snapshots).toEqual(['10.0.0.1', '10.0.0.2']);
      await pass(20_000, 5_000);
      expect(dns.asked).toHaveLength(3);
    });
  });

  it('is looked up at once when the pool is refreshed', async ({ dns, hear }) => {
    dns.on('A a.test', (ask) => [address('a.test', `10.0.0.${ask}`, 300)]);
    const heard = hear(addresses(dns));
    await until(() => heard.snapshots.length === 1);
    heard.ask('refresh');
    await until(() => heard.snapshots.length === 2);
    expect(heard.snapshots).toEqual(['10.0.0.1', '10.0.0.2']);
  });
});

describe('a target whose look-up fails', () => {
  const error = `the look-up of 1 of the 2 targets of ${name} failed, such as two.a.test: `;
  it.for([
    ['SERVFAIL', 'queryA ESERVFAIL two.a.test'],
    ['NXDOMAIN', 'queryA ENOTFOUND two.a.test'],
    [[], 'queryA ENODATA two.a.test'],
  ] as const)('is told, and asked for again soon: %j', async ([reply, cause], { dns, hear }) => {
    dns.on(`SRV ${name}`, [service(name, 'one.a.test', 1), service(name, 'two.a.test', 2)]);
    dns.on('A one.a.test', [address('one.a.test', '10.0.0.1', 20)]).on('A two.a.test', reply);
    await withFakeTime(async () => {
      const heard = hear(services(dns));
      await until(() => heard.snapshots.length === 1);
      expect([heard.snapshots, heard.failures]).toEqual([['10.0.0.1'], [error + cause]]);
      await pass(1_000, 1_000);
      await until(() => heard.failures.length === 2);
      dns.on('A two.a.test', [address('two.a.test', '10.0.0.2', 20)]);
      await pass(2_000, 1_000);
      await until(() => heard.snapshots.length === 2);
      expect([heard.snapshots[1], heard.failures.length]).toEqual(['10.0.0.1 10.0.0.2', 2]);
      await pass(19_000, 19_000);
      expect(dns.count(`SRV ${name}`)).toBe(3);
    });
  });

  it('is asked for less and less often, and no less often than the others', async ({ dns, hear }) => {
    dns.on(`SRV ${name}`, [service(name, 'one.a.test', 1), service(name, 'two.a.test', 2)]);
    dns.on('A one.a.test', [address('one.a.test', '10.0.0.1', 10)]);
    await withFakeTime(async () => {
      const heard = hear(services(dns));
      const seen: number[] = [];
      await until(() => heard.failures.length === 1);
      for (let second = 1; second <= 35; second += 1) {
        const before = dns.count(`SRV ${name}`);
        await pass(1_000, 1_000);
        if (dns.count(`SRV ${name}`) > before) {
          seen.push(second);
          await until(() => heard.failures.length === 1 + seen.length);
        }
      }
      expect(seen).toEqual([1, 3, 7, 15, 25, 35]);
    });
  });

  it('counts as well when it is one family of a name', async ({ dns, hear }) => {
    dns.on('A a.test', [address('a.test', '10.0.0.1', 300)]).on('AAAA a.test', 'SERVFAIL');
    await withFakeTime(async () => {
      const heard = hear(addresses(dns, { family: 0 }));
      await until(() => heard.failures.length === 1);
      expect(heard.failures).toEqual([
        'one of two families of a.test could not be looked up: queryAaaa ESERVFAIL a.test',
      ]);
      dns.on('AAAA a.test', []);
      await pass(1_000, 1_000);
      await until(() => heard.confirmed === 1);
      await pass(100_000, 20_000);
      expect(dns.count('A a.test')).toBe(2);
    });
  });
});

it('services are looked up again within 30 s, however long the TTL of their targets', async ({
  dns,
  hear,
}) => {
  dns.on(`SRV ${name}`, (ask) => [service(name, ask === 1 ? 'one.a.test' : 'two.a.test', 1)]);
  for (const target of ['one', 'two'])
    dns.on(`A ${target}.a.test`, [address(`${target}.a.test`, '10.0.0.1', 3_600)]);
  await withFakeTime(async () => {
    const heard = hear(services(dns));
    await until(() => heard.snapshots.length === 1);
    await pass(29_999, 29_999);
    expect(dns.count(`SRV ${name}`)).toBe(1);
    await pass(1, 1);
    await until(() => heard.snapshots.length === 2);
    expect(heard.endpoints).toMatchObject([{ servername: 'two.a.test' }]);
  });
});

describe('addresses in rotation', () => {
  const rotating = (ask: number): ReturnType<typeof address>[] =>
    [0, 1, 2].map((each) => address('a.test', `10.0.0.${1 + ((3 * (ask - 1) + each) % 9)}`, 1));
  const all = Array.from({ length: 9 }, (_, index) => `10.0.0.${index + 1}`);

  it('linger: with all of them known, nothing changes any more', async ({ dns, hear }) => {
    dns.on('A a.test', rotating);
    await withFakeTime(async () => {
      const heard = hear(addresses(dns, { linger: 10_000 }));
      await until(() => heard.snapshots.length === 1);
      for (const look of [2, 3, 4, 5, 6, 7, 8, 9]) {
        await pass(1_000, 1_000);
        await until(() => heard.reports.length === look);
      }
      expect(heard.snapshots).toEqual(
        [all.slice(0, 3), all.slice(0, 6), all].map((hosts) => hosts.join(' ')),
      );
      expect(heard.confirmed).toBe(6);
    });
  });

  it('go when they have lingered, though nobody looks up meanwhile, and do not come back', async ({
    dns,
    hear,
  }) => {
    const ttl = (ask: number): number => (ask === 1 ? 1 : 300);
    dns.on('A a.test', (ask) => [address('a.test', `10.0.0.${Math.min(ask, 2)}`, ttl(ask))]);
    await withFakeTime(async () => {
      const heard = hear(addresses(dns, { linger: 5_000 }));
      await until(() => heard.snapshots.length === 1);
      await pass(1_000, 1_000);
      await until(() => heard.snapshots.length === 2);
      await pass(4_999, 4_999);
      expect(heard.snapshots[1]).toBe('10.0.0.1 10.0.0.2');
      await pass(2, 1);
      expect(heard.snapshots.slice(2)).toEqual(['10.0.0.2']);
      expect(dns.asked).toHaveLength(2);
    });
  });

  it('linger over a look-up that fails', async ({ dns, hear }) => {
    dns.on('A a.test', (ask) => (ask === 2 ? 'SERVFAIL' : rotating(ask)));
    const source = addresses(dns, { linger: 10_000, minRefresh: 1 });
    const first = hear(source);
    await until(() => first.snapshots.length === 1);
    first.ask('refresh');
    await until(() => first.error !== undefined);
    const second = hear(source);
    await until(() => second.snapshots.length === 1);
    expect(second.snapshots).toEqual([[...all.slice(0, 3), ...all.slice(6)].join(' ')]);
  });

  it('are not more than maxEndpoints: those of the answer come first', async ({ dns, hear }) => {
    dns.on('A a.test', rotating);
    const heard = hear(addresses(dns, { linger: 10_000, maxEndpoints: 4 }));
    for (const look of [1, 2, 3]) {
      await until(() => heard.snapshots.length === look);
      heard.ask('refresh');
    }
    expect(heard.snapshots[1]).toBe([all[0], ...all.slice(3, 6)].join(' '));
    expect(heard.snapshots[2]).toMatch(new RegExp(`^10.0.0.[1-6] ${all.slice(6).join(' ')}$`));
  });
});

describe('what is left out of an answer', () => {
  const more = (count: number): ReturnType<typeof address>[] =>
    Array.from({ length: count }, (_, index) => address('a.test', `10.0.1.${index}`, 300));

  it('is told once, while it stays the same: maxEndpoints', async ({ dns, hear }) => {
    dns.on('A a.test', (ask) => more(ask < 3 ? 5 : 6));
    const heard = hear(addresses(dns, { maxEndpoints: 3 }));
    for (const look of [1, 2, 3]) {
      await until(() => heard.reports.length === look);
      heard.ask('refresh');
    }
    const said = (count: number): string =>
      `the answer for a.test is not used in full: maxEndpoints leaves out ${count - 3} of its ${count} endpoints`;
    expect(heard.failures).toEqual([said(5), said(6)]);
    expect(heard.snapshots).toHaveLength(1);
  });

  it('is told: targets, and addresses of a target', async ({ dns, hear }) => {
    const targets = ['one.a.test', 'two.a.test', 'three.a.test', 'four.example'];
    dns.on(
      `SRV ${name}`,
      targets.map((target) => service(name, target, 1)),
    );
    for (const target of targets) {
      const hosts = Array.from({ length: 70 }, (_, index) => address(target, `10.0.1.${index}`));
      dns.on(`A ${target}`, hosts);
    }
    const heard = hear(services(dns, { maxEndpoints: 2 }));
    await until(() => heard.reports.length === 1);
    expect(heard.failures.map((each) => each.replace(/.*in full: /, ''))).toEqual([
      'the rule that they are below a.test refuses 1 of its 4 targets',
      'maxEndpoints leaves out 1 of its 3 targets',
      '12 addresses, since a target may have 64 of each family',
      'maxEndpoints leaves out 126 of its 128 endpoints',
    ]);
  });

  it('is told: a family without a route', async ({ dns, hear }) => {
    dns.addresses('a.test', '127.0.0.1', 'fe80::1');
    const heard = hear(addresses(dns, { family: 0 }));
    await until(() => heard.reports.length === 1);
    expect(heard.snapshots).toEqual(['127.0.0.1']);
    expect(heard.failures).toEqual([
      'the answer for a.test is not used in full: no route leads to 1 of its 2 addresses',
    ]);
  });
});

it('reports each look-up', async ({ dns, hear }) => {
  dns.addresses('a.test', '10.0.0.1');
  const heard = hear(addresses(dns, { family: 0 }));
  await until(() => heard.reports.length === 1);
  expect(heard.reports).toEqual([
    { name: 'a.test', ttl: 60, took: expect.any(Number), wait: 60_000, failures: 0, lingering: 0 },
  ]);
});
