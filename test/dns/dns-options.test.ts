import { describe, expect } from 'vitest';
import { dnsAddresses, dnsServices, type DnsOptions } from '../../src/dns/index.js';
import { readDnsOptions, readDnsServicesOptions } from '../../src/dns/dns-options.js';
import { it } from '../support/fixtures.js';
import { expectOptionErrors } from '../support/refusal.js';

const noNumbers = [null, 'x', '5', {}, [], true, NaN, 5n];
const noTimes = [...noNumbers, 0, -1, 2_147_483_648, Infinity];

/** Values that both sources refuse, by the option. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
  timeout: noTimes,
  minRefresh: noTimes,
  maxRefresh: noTimes,
  jitter: [...noNumbers, -0.1, 1.1, Infinity],
  linger: [...noNumbers, -1, 2_147_483_648, Infinity],
  maxEndpoints: [...noNumbers, 0, -1, 1.5, 10_001, Infinity],
  family: [null, '4', 'IPv4', 1, 7, true, [4]],
  servers: [null, '127.0.0.1', 5, {}, [], Array(33).fill('127.0.0.1'), Array(2 ** 32 - 1)],
};

/** Node.js itself aborts the process for some of them. */
const noResolvers = [
  ...'localhost 127.0.0.1: 127.0.0.1:0 127.0.0.1:65536 127.0.0.1:99999 127.0.0.1:-1 127.0.0.256'.split(' '),
  ...'127.0.0.1:0x35 1.2.3.4:5:6 [127.0.0.1]:53 [::1 ::1]:53 [::1] fe80::1%lo [fe80::1%lo]:53'.split(' '),
  ...'tls://1.1.1.1 127.0.0.1#53 [::1]53'.split(' '),
  '',
  ' 127.0.0.1',
  '127.0.0.1\n',
  '['.repeat(1_000_000),
  undefined,
  null,
  53,
  {},
];

type Make = (options: unknown) => unknown;
const makers: Readonly<Record<string, Make>> = {
  dnsAddresses: (options) => dnsAddresses('a.test', 80, options as DnsOptions),
  dnsServices: (options) => dnsServices('_s._tcp.a.test', options as DnsOptions),
};

describe.each(Object.entries(makers))('%s', (_, make) => {
  it.for(Object.entries(refused))('refuses a wrong option: %s', ([name, values]) => {
    expectOptionErrors(`options.${name}`, values, (value) => make({ [name]: value }));
  });

  it('refuses a wrong address of a resolver', () => {
    expectOptionErrors('options.servers[1]', noResolvers, (value) => make({ servers: ['::1', value] }));
  });

  it('refuses what are no options, and unknown ones', () => {
    expectOptionErrors('options', [null, 5, 'x', [], true, { ttl: 5 }, { Timeout: 5 }], make);
  });

  it('refuses a shortest wait that is longer than the longest', () => {
    expectOptionErrors('options.minRefresh', [{ minRefresh: 2, maxRefresh: 1 }], make);
    expect(() => make({ minRefresh: 1, maxRefresh: 1 })).not.toThrow();
  });
});

it('refuses a wrong name or port, and a wrong allowTarget', () => {
  const names = [undefined, null, 5, '', 'a b', '127.0.0.1', '::1', 'a.test:80', 'evil\u001B[31m', {}];
  expectOptionErrors('name', names, (name) => dnsAddresses(name as string, 80));
  expectOptionErrors('name', [...names, '_s._tcp', '_s.a.test'], (name) => dnsServices(name as string));
  const ports = [undefined, null, '80', 0, -1, 65_536, 1.5, NaN];
  expectOptionErrors('port', ports, (port) => dnsAddresses('a.test', port as number));
  const rules = [null, true, 'a.test', ['a.test'], /a/];
  expectOptionErrors('options.allowTarget', rules, (allowTarget) =>
    dnsServices('_s._tcp.a.test', { allowTarget } as DnsOptions),
  );
  expectOptionErrors('options', [{ allowTarget: () => true }], (options) =>
    dnsAddresses('a.test', 80, options as DnsOptions),
  );
});

describe('defaults', () => {
  const all = {
    servers: undefined,
    timeout: 5_000,
    minRefresh: 1_000,
    maxRefresh: 300_000,
    jitter: 0.1,
    linger: 0,
    maxEndpoints: 1_000,
    families: [4, 6],
  };

  it('are used for what is absent or undefined', () => {
    expect(readDnsOptions({})).toEqual(all);
    const nothing = Object.fromEntries(Object.keys(refused).map((name) => [name, undefined]));
    expect(readDnsOptions(nothing)).toEqual(all);
    expect(readDnsOptions({ family: 0 })).toEqual(all);
  });

  it('look for services again within 30 s, since their TTL is not known', () => {
    expect(readDnsServicesOptions({})[0]).toEqual({ ...all, maxRefresh: 30_000 });
    expect(readDnsServicesOptions({ minRefresh: 40_000 })[0].maxRefresh).toBe(40_000);
    expect(readDnsServicesOptions({ maxRefresh: 300_000 })[0].maxRefresh).toBe(300_000);
  });

  it('give way to a bound that is given', () => {
    expect(readDnsOptions({ maxRefresh: 5 })).toEqual({ ...all, minRefresh: 5, maxRefresh: 5 });
    expect(readDnsOptions({ minRefresh: 400_000 })).toMatchObject({
      minRefresh: 400_000,
      maxRefresh: 400_000,
    });
  });

  it('take the list of resolvers as it is at the call', () => {
    const servers = [
      '127.0.0.1',
      '127.0.0.1:53',
      '[::1]:53',
      '::1',
      '[2001:db8::1]:65535',
      '::ffff:127.0.0.1',
    ];
    const settings = readDnsOptions({ servers });
    const before = [...servers];
    servers[0] = 'x';
    expect(settings.servers).toEqual(before);
  });
});
