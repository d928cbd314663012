import { describe, expect } from 'vitest';
import type { DiscoveredEndpoint } from '../../src/discovery/index.js';
import { dnsAddresses, type DnsOptions } from '../../src/dns/index.js';
import { address, alias, startResponder, type DnsResponder } from '../support/dns-responder.js';
import { pass, withFakeTime } from '../support/fake-time.js';
import { it, next, nextHosts } from './iterations.js';

const port = 6379;

function source(dns: DnsResponder, options: DnsOptions = {}): AsyncIterable<readonly DiscoveredEndpoint[]> {
  return dnsAddresses('a.test', port, { servers: [dns.server], ...options });
}

describe('dnsAddresses', () => {
  it('gives the addresses of both families, sorted, with the name to verify them by', async ({
    dns,
    open,
  }) => {
    dns.addresses('a.test', '10.0.0.2', '::1', '10.0.0.1');
    const snapshot = await next(open(source(dns)));
    const hosts = ['10.0.0.1', '10.0.0.2', '::1'];
    expect(snapshot).toStrictEqual(hosts.map((host) => ({ host, port, servername: 'a.test' })));
    expect([snapshot, ...snapshot].every(Object.isFrozen)).toBe(true);
    expect(dns.asked.toSorted()).toEqual(['A a.test', 'AAAA a.test']);
  });

  it.for([
    [4, ['10.0.0.1'], ['A a.test']],
    [6, ['::1'], ['AAAA a.test']],
  ] as const)('asks for one family only, if told to: %j', async ([family, hosts, asked], { dns, open }) => {
    dns.addresses('a.test', '::1', '10.0.0.1');
    expect(await nextHosts(open(source(dns, { family })))).toEqual(hosts);
    expect(dns.asked).toEqual(asked);
  });

  it('takes a name in capitals, and with a dot at the end, for the same name', async ({ dns, open }) => {
    dns.addresses('a.test', '10.0.0.1');
    const [endpoint] = await next(open(dnsAddresses('A.Test.', port, { servers: [dns.server] })));
    expect(endpoint).toEqual({ host: '10.0.0.1', port, servername: 'a.test' });
  });

  it('follows an alias, whose TTL counts as well; where it leads nowhere, there is no address', async ({
    dns,
    open,
  }) => {
    dns.on('AAAA a.test', [alias('a.test', 'b.test', 0)]);
    dns.on('A a.test', [alias('a.test', 'b.test', 0), address('b.test', '10.0.0.1', 3_000)]);
    const iteration = open(source(dns, { minRefresh: 1 }));
    expect(await next(iteration)).toEqual([{ host: '10.0.0.1', port, servername: 'a.test' }]);
    dns.on('A a.test', [alias('a.test', 'b.test', 0)]);
    await expect(next(iteration)).rejects.toMatchObject({
      code: 'CONNMAN_DISCOVERY',
      message: 'a.test has no address',
    });
  });

  it('gives an answer that differs, and no other, whatever its order', async ({ dns, open }) => {
    const answers = [
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.2', '10.0.0.1'],
      ['10.0.0.2', '10.0.0.1', '10.0.0.1'],
      ['10.0.0.3'],
    ];
    dns
      .addresses('a.test')
      .on('A a.test', (ask) =>
        (answers[Math.min(ask, answers.length) - 1] ?? []).map((each) => address('a.test', each, 0)),
      );
    const iteration = open(source(dns, { minRefresh: 1 }));
    expect(await nextHosts(iteration)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await nextHosts(iteration)).toEqual(['10.0.0.3']);
    expect(dns.count('A a.test')).toBe(4);
  });

  it('looks up anew in each iteration', async ({ dns, open }) => {
    dns.addresses('a.test', '10.0.0.1');
    const both = source(dns);
    expect(await nextHosts(open(both))).toEqual(['10.0.0.1']);
    dns.addresses('a.test', '10.0.0.2');
    expect(await nextHosts(open(both))).toEqual(['10.0.0.2']);
  });

  it('looks again when the least TTL is over, less a random part of it', async ({ dns, open }) => {
    const records = [address('a.test', '10.0.0.1', 300), address('a.test', '10.0.0.2', 60)];
    dns.on('A a.test', records).on('AAAA a.test', [address('a.test', '::1', 90)]);
    await withFakeTime(async () => {
      const iteration = open(source(dns));
      await nextHosts(iteration);
      dns.addresses('a.test', '10.0.0.3');
      const second = nextHosts(iteration);
      await pass(53_900, 5_000);
      expect(dns.count('A a.test')).toBe(1);
      await pass(6_100, 500);
      expect(await second).toEqual(['10.0.0.3']);
    });
  });

  it('counts the TTL from the answer, not from the moment when the next one is asked for', async ({
    dns,
    open,
  }) => {
    dns.addresses('a.test', '10.0.0.1');
    await withFakeTime(async () => {
      const iteration = open(source(dns));
      await nextHosts(iteration);
      dns.addresses('a.test', '10.0.0.2');
      await pass(60_000, 10_000);
      const second = nextHosts(iteration);
      await pass(1, 1);
      expect(await second).toEqual(['10.0.0.2']);
    });
  });

  it('keeps the same addresses when there are too many', async ({ dns, open }) => {
    const all = Array.from({ length: 2_000 }, (_, index) => `10.0.${Math.floor(index / 250)}.${index % 250}`);
    dns.on('A a.test', (ask) => {
      const shifted = [...all.slice(ask * 700), ...all.slice(0, ask * 700)];
      return shifted.map((each) => address('a.test', each, 0));
    });
    dns.on('AAAA a.test', [address('a.test', '::1')]);
    const few = source(dns, { maxEndpoints: 10, minRefresh: 1 });
    const [one, other] = [await nextHosts(open(few)), await nextHosts(open(few))];
    expect(one).toEqual(all.toSorted().slice(0, 10));
    expect(other).toEqual(one);
    expect(await nextHosts(open(source(dns)))).toHaveLength(1_000);
    expect(dns.askedOverTcp).toBeGreaterThan(0);
  });

  describe('one family without an answer', () => {
    const twoFaults = ['SERVFAIL', 'silence'] as const;
    it.for(twoFaults)('is left out at first, and kept as it was later: %s', async (fault, { dns, open }) => {
      dns.addresses('a.test', '::1', '10.0.0.1');
      dns.on('A a.test', (ask) => [address('a.test', ask < 2 ? '10.0.0.1' : '10.0.0.2', 0)]);
      const options = { minRefresh: 1, timeout: 500 };
      const before = open(source(dns, options));
      expect(await nextHosts(before)).toEqual(['10.0.0.1', '::1']);
      dns.on('AAAA a.test', fault);
      expect(await nextHosts(before)).toEqual(['10.0.0.2', '::1']);
      expect(await nextHosts(open(source(dns, options)))).toEqual(['10.0.0.2']);
    });

    it.for(['NXDOMAIN', []] as const)(
      'is not kept when there is none any more: %j',
      async (reply, { dns, open }) => {
        dns.addresses('a.test', '::1', '10.0.0.1');
        dns.on('A a.test', [address('a.test', '10.0.0.1', 0)]);
        const iteration = open(source(dns, { minRefresh: 1 }));
        expect(await nextHosts(iteration)).toEqual(['10.0.0.1', '::1']);
        dns.on('AAAA a.test', reply);
        expect(await nextHosts(iteration)).toEqual(['10.0.0.1']);
      },
    );

    it('is not enough when the other has none', async ({ dns, open }) => {
      dns.addresses('a.test', '::1', '10.0.0.1');
      dns.on('A a.test', [address('a.test', '10.0.0.1', 0)]);
      const iteration = open(source(dns, { minRefresh: 1 }));
      await nextHosts(iteration);
      dns.on('AAAA a.test', 'SERVFAIL').on('A a.test', []);
      await expect(next(iteration)).rejects.toMatchObject({
        code: 'CONNMAN_DISCOVERY',
        cause: { code: 'ESERVFAIL' },
      });
    });
  });

  it('a failed look-up ends the iteration, and the next one begins anew', async ({ dns, open }) => {
    dns.addresses('a.test').on('A a.test', [address('a.test', '10.0.0.1', 0)]);
    const both = source(dns, { minRefresh: 1 });
    const first = open(both);
    await nextHosts(first);
    dns.on('A a.test', 'NXDOMAIN');
    await expect(next(first)).rejects.toMatchObject({ code: 'CONNMAN_DISCOVERY' });
    expect(await first.next()).toEqual({ done: true, value: undefined });
    dns.addresses('a.test', '10.0.0.2');
    expect(await nextHosts(open(both))).toEqual(['10.0.0.2']);
  });

  it('asks the next resolver when the first one does not answer', async ({ dns, open }) => {
    await using mute = await startResponder();
    mute.on('A a.test', 'silence').on('AAAA a.test', 'silence');
    dns.addresses('a.test', '10.0.0.1');
    const servers = [mute.server, dns.server];
    expect(await nextHosts(open(source(dns, { servers, timeout: 1_000 })))).toEqual(['10.0.0.1']);
    expect(mute.count('A a.test')).toBeGreaterThan(0);
  });

  it('asks nobody before it is iterated', async ({ dns, open }) => {
    const iteration = open(source(dns));
    await iteration.return?.();
    expect(await iteration.next()).toEqual({ done: true, value: undefined });
    expect(dns.asked).toEqual([]);
  });
});
