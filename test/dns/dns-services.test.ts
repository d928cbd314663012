import { describe, expect } from 'vitest';
import { dnsServices, type DnsServicesOptions } from '../../src/dns/index.js';
import type { DiscoveredEndpoint, Discovery } from '../../src/discovery/index.js';
import { address, alias, service, type DnsResponder } from '../support/dns-responder.js';
import { until } from '../support/fixtures.js';
import { it, next, nextHosts } from './iterations.js';

const name = '_mqtt._tcp.a.test';

function source(dns: DnsResponder, options: DnsServicesOptions = {}): Discovery {
  return dnsServices(name, { servers: [dns.server], ...options });
}

function record(target: string, port = 1883, priority = 0, weight = 0): ReturnType<typeof service> {
  return service(name, target, port, priority, weight);
}

function endpoint(host: string, target: string, more: object = {}): DiscoveredEndpoint {
  return { host, port: 1883, priority: 0, weight: 0, servername: target, ...more };
}

describe('dnsServices', () => {
  it('gives the addresses of each target with its port, priority and weight, verified by its name', async ({
    dns,
    open,
  }) => {
    const records = [record('Two.A.test', 1884, 10, 7), record('one.a.test', 1883, 0, 3)];
    dns.on(`SRV ${name}`, records).addresses('one.a.test', '10.0.0.1').addresses('two.a.test', '::2');
    const snapshot = await next(open(source(dns)));
    expect(snapshot).toStrictEqual([
      endpoint('10.0.0.1', 'one.a.test', { weight: 3 }),
      endpoint('::2', 'two.a.test', { port: 1884, priority: 10, weight: 7 }),
    ]);
    expect([snapshot, ...snapshot].every(Object.isFrozen)).toBe(true);
  });

  it('divides the weight of a target among its addresses; a weight of 0 stays', async ({ dns, open }) => {
    dns.on(`SRV ${name}`, [record('one.a.test', 1883, 0, 10), record('two.a.test')]);
    dns.addresses('one.a.test', '10.0.0.1', '::1').addresses('two.a.test', '10.0.0.2', '10.0.0.3');
    const snapshot = await next(open(source(dns)));
    expect(snapshot.map(({ host, weight }) => [host, weight])).toEqual([
      ['10.0.0.1', 5],
      ['10.0.0.2', 0],
      ['10.0.0.3', 0],
      ['::1', 5],
    ]);
  });

  it('takes no more than 64 addresses of each family from a target, the same ones each time', async ({
    dns,
    open,
  }) => {
    const hosts = Array.from({ length: 100 }, (_, index) => `10.0.0.${100 + index}`);
    dns.on(`SRV ${name}`, [record('one.a.test')]).addresses('one.a.test', ...hosts.toReversed(), '::1');
    expect(await nextHosts(open(source(dns)))).toEqual([...hosts.slice(0, 64), '::1']);
  });

  it('asks once for a target that has several ports', async ({ dns, open }) => {
    dns.on(`SRV ${name}`, [record('one.a.test', 1), record('one.a.test', 2), record('ONE.a.test', 2)]);
    dns.addresses('one.a.test', '10.0.0.1');
    const snapshot = await next(open(source(dns)));
    expect(snapshot.map(({ port }) => port)).toEqual([1, 2]);
    expect(dns.count('A one.a.test')).toBe(1);
  });

  it('leaves out targets without addresses, unless there is no other', async ({ dns, open }) => {
    dns.on(`SRV ${name}`, [record('gone.a.test'), record('ill.a.test'), record('one.a.test')]);
    dns.on('A ill.a.test', 'SERVFAIL').on('AAAA ill.a.test', 'SERVFAIL').addresses('one.a.test', '10.0.0.1');
    expect(await nextHosts(open(source(dns)))).toEqual(['10.0.0.1']);
    dns.addresses('one.a.test');
    await expect(next(open(source(dns)))).rejects.toMatchObject({
      code: 'CONNMAN_DISCOVERY',
      domain: name,
      message: expect.stringMatching(/^no address was found for the targets of _mqtt\._tcp\.a\.test: query/),
      cause: { code: 'ESERVFAIL' },
    });
  });

  it('keeps what it knew of a target that nobody answers for', async ({ dns, open }) => {
    dns.on(`SRV ${name}`, [record('one.a.test'), record('two.a.test')]);
    dns.addresses('one.a.test', '10.0.0.1').addresses('two.a.test', '10.0.0.2');
    dns.on('A one.a.test', [address('one.a.test', '10.0.0.1', 0)]);
    const iteration = open(source(dns, { minRefresh: 1 }));
    expect(await nextHosts(iteration)).toEqual(['10.0.0.1', '10.0.0.2']);
    dns.on('A two.a.test', 'SERVFAIL').on('AAAA two.a.test', 'REFUSED');
    dns.on('A one.a.test', [address('one.a.test', '10.0.0.3', 0)]);
    expect(await nextHosts(iteration)).toEqual(['10.0.0.2', '10.0.0.3']);
    dns.on(`SRV ${name}`, [record('one.a.test')]);
    expect(await nextHosts(iteration)).toEqual(['10.0.0.3']);
    dns.on(`SRV ${name}`, [record('one.a.test'), record('two.a.test'), record('new.a.test')]);
    dns.addresses('new.a.test', '10.0.0.4');
    expect(await nextHosts(iteration), 'what is not asked for is forgotten').toEqual([
      '10.0.0.3',
      '10.0.0.4',
    ]);
  });

  it('looks again by the TTL of the addresses, and sees weights, priorities and targets change', async ({
    dns,
    open,
  }) => {
    dns.on(`SRV ${name}`, [record('one.a.test')]);
    dns.addresses('one.a.test').on('A one.a.test', [address('one.a.test', '10.0.0.1', 0)]);
    dns.addresses('two.a.test', '10.0.0.2');
    const iteration = open(source(dns, { minRefresh: 1 }));
    expect(await next(iteration)).toEqual([endpoint('10.0.0.1', 'one.a.test')]);
    dns.on(`SRV ${name}`, [record('one.a.test', 1883, 5, 6)]);
    expect(await next(iteration)).toEqual([endpoint('10.0.0.1', 'one.a.test', { priority: 5, weight: 6 })]);
    dns.on(`SRV ${name}`, [record('two.a.test')]);
    expect(await next(iteration)).toEqual([endpoint('10.0.0.2', 'two.a.test')]);
  });

  it('says when there is no such service', async ({ dns, open }) => {
    dns.on(`SRV ${name}`, [record('.', 0)]);
    await expect(next(open(source(dns)))).rejects.toMatchObject({
      name: 'DiscoveryError',
      message: `there is no service at ${name}`,
    });
  });

  it('an alias only is no service, nor an address of a target', async ({ dns, open }) => {
    dns.on(`SRV ${name}`, [alias(name, '_mqtt._tcp.b.test')]);
    await expect(next(open(source(dns)))).rejects.toThrow(`there is no service at ${name}`);
    dns.on(`SRV ${name}`, [record('one.a.test')]).addresses('one.a.test');
    dns
      .on('A one.a.test', [alias('one.a.test', 'b.test')])
      .on('AAAA one.a.test', [alias('one.a.test', 'b.test')]);
    await expect(next(open(source(dns)))).rejects.toThrow(
      `no address was found for the targets of ${name}: one.a.test has no address`,
    );
  });

  it('makes no endpoint of port 0', async ({ dns, open }) => {
    dns.on(`SRV ${name}`, [record('one.a.test', 0), record('one.a.test', 1)]);
    dns.addresses('one.a.test', '10.0.0.1');
    expect((await next(open(source(dns)))).map(({ port }) => port)).toEqual([1]);
    dns.on(`SRV ${name}`, [record('one.a.test', 0)]);
    await expect(next(open(source(dns)))).rejects.toThrow(/can be used: no port above 0$/);
  });
});

describe('a thousand targets', () => {
  const short = '_s._tcp.t';
  const targets = Array.from({ length: 1_500 }, (_, index) => `n${1_000 + index}.t`);

  it('are asked over TCP, some at a time, and cut in a fixed place', async ({ dns, open }) => {
    dns.on(`SRV ${short}`, (ask) => {
      const shifted = [...targets.slice(ask * 400), ...targets.slice(0, ask * 400)];
      return shifted.map((target) => service(short, target, 80));
    });
    targets.forEach((target, index) =>
      dns.addresses(target, `10.1.${Math.floor(index / 250)}.${index % 250}`),
    );
    const options = { servers: [dns.server], timeout: 60_000 };
    const snapshot = await next(open(dnsServices(short, options)));
    const chosen = targets.slice(0, 1_000);
    expect(new Set(snapshot.map(({ servername }) => servername))).toEqual(new Set(chosen));
    expect(dns.askedOverTcp).toBe(1);
    expect(dns.count(`A ${targets[999]}`)).toBe(1);
    expect(dns.count(`A ${targets[1_000]}`), 'nobody asks for more').toBe(0);
    expect(dns.asked).toHaveLength(2_002);
    expect(await next(open(dnsServices(short, options)))).toEqual(snapshot);
  });

  it('have fewer addresses each, so that one answer is no flood', async ({ dns, hear }) => {
    const hosts = Array.from({ length: 20 }, (_, index) => `10.0.0.${index}`);
    dns.on(
      `SRV ${name}`,
      Array.from({ length: 1_000 }, (_, index) => service(name, 'one.a.test', 1_000 + index)),
    );
    dns.addresses('one.a.test', ...hosts);
    const heard = hear(source(dns, { family: 4 }));
    await until(() => heard.reports.length === 1);
    expect(heard.failures.map((each) => each.replace(/.*in full: /, ''))).toEqual([
      '10 addresses, since a target may have 10 of each family',
      'maxEndpoints leaves out 9000 of its 10000 endpoints',
    ]);
  });

  it('are not asked for all at once', async ({ dns, open }) => {
    const few = targets.slice(0, 200);
    dns.on(
      `SRV ${short}`,
      few.map((target) => service(short, target, 80)),
    );
    const held: (() => void)[] = [];
    for (const target of few) {
      dns.on(
        `A ${target}`,
        () => new Promise((resolve) => held.push(() => resolve([address(target, '10.0.0.1')]))),
      );
    }
    const snapshot = next(open(dnsServices(short, { servers: [dns.server], family: 4, timeout: 60_000 })));
    let answered = 0;
    while (answered < few.length) {
      await new Promise((resolve) => setImmediate(resolve));
      if (dns.pending < Math.min(32, few.length - answered)) continue;
      answered += held.length;
      for (const answer of held.splice(0)) answer();
    }
    expect(await snapshot).toHaveLength(200);
    expect(dns.mostPending).toBe(32);
  });

  it('those that were found in time are used', async ({ dns, open }) => {
    const few = targets.slice(0, 40);
    dns.on(
      `SRV ${short}`,
      few.map((target) => service(short, target, 80)),
    );
    few.forEach((target, index) =>
      index < 20 ? dns.addresses(target, '10.0.0.1') : dns.on(`A ${target}`, 'silence'),
    );
    const snapshot = await next(open(dnsServices(short, { servers: [dns.server], family: 4, timeout: 800 })));
    expect(snapshot.map(({ servername }) => servername)).toEqual(few.slice(0, 20));
  });
});

describe('a poisoned answer', () => {
  const foreign = ['a.example', 'test', 'evil-a.test', 'a.test.evil.example', '10.6.6.6', 'localhost'];
  const odd = ['a b.a.test', 'a\\.evil.a.test', '-.a.test', '169.254.169.254'];

  it('cannot send the program outside the domain of the service', async ({ dns, open }) => {
    const all = [...foreign, ...odd].map((target) => record(target, 22));
    for (const target of [...foreign, ...odd]) dns.addresses(target, '10.6.6.6');
    dns.on(`SRV ${name}`, [...all, record('one.a.test')]).addresses('one.a.test', '10.0.0.1');
    // `a.test` stands for itself, as its parent is a top-level domain.
    expect(await next(open(source(dns)))).toEqual([endpoint('10.0.0.1', 'one.a.test')]);
    expect(dns.asked.filter((each) => !each.startsWith('SRV')).toSorted()).toEqual([
      'A one.a.test',
      'AAAA one.a.test',
    ]);
  });

  it('that names no other fails, and the error repeats no name of it', async ({ dns, open }) => {
    dns.on(`SRV ${name}`, [record('evil\u001B[31m.example'), record('evil.example')]);
    await expect(next(open(source(dns)))).rejects.toMatchObject({
      code: 'CONNMAN_DISCOVERY',
      domain: name,
      message: `none of the 2 targets of ${name} can be used: refused by the rule that they are below a.test`,
    });
    expect(dns.asked).toEqual([`SRV ${name}`]);
  });

  it('reaches those outside that allowTarget says true for, and no others', async ({ dns, open }) => {
    const shown: string[] = [];
    const records = ['node1.dc.example', 'node2.dc.example', 'one.a.test', '10.6.6.6', 'a b.example'];
    dns.on(
      `SRV ${name}`,
      records.map((target) => record(target.toUpperCase())),
    );
    dns.addresses('node1.dc.example', '10.0.0.1').addresses('one.a.test', '10.0.0.2');
    const allowTarget = (target: string): boolean => shown.push(target) > 0 && target === 'node1.dc.example';
    expect(await nextHosts(open(source(dns, { allowTarget })))).toEqual(['10.0.0.1']);
    expect(shown.toSorted()).toEqual(['node1.dc.example', 'node2.dc.example', 'one.a.test']);
  });

  it.for<[string, unknown]>([
    ['is async', async () => true],
    ['says 1', () => 1],
    ['says nothing', () => undefined],
  ])('reaches nobody by an allowTarget that %s', async ([, allowTarget], { dns, open }) => {
    dns.on(`SRV ${name}`, [record('one.a.test')]).addresses('one.a.test', '10.0.0.1');
    const options = { allowTarget } as DnsServicesOptions;
    await expect(next(open(source(dns, options)))).rejects.toThrow(/can be used: refused by allowTarget$/);
  });

  it('an allowTarget that throws fails the look-up', async ({ dns, open }) => {
    dns.on(`SRV ${name}`, [record('one.a.test')]).addresses('one.a.test', '10.0.0.1');
    const cause = new Error('mine');
    const allowTarget = (): boolean => {
      throw cause;
    };
    await expect(next(open(source(dns, { allowTarget })))).rejects.toMatchObject({
      code: 'CONNMAN_DISCOVERY',
      message: `the look-up of ${name} failed: mine`,
      cause,
    });
  });
});
