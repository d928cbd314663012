import { ADDRCONFIG, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect } from 'vitest';
import { constant, ConnectionManager } from '../../src/index.js';
import { createLookup, lookup } from '../../src/dns/index.js';
import { lookupOf, type LocalNames } from '../../src/resolver/index.js';
import { parseHosts } from '../../src/resolver/hosts-file.js';
import { parseSearchList } from '../../src/resolver/search-list.js';
import { address, alias, type DnsResponder } from '../support/dns-responder.js';
import { until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';
import { it } from './iterations.js';

function local(hosts = '', resolvConf = ''): LocalNames {
  return {
    hosts: { contents: parseHosts(hosts) },
    searchList: { contents: parseSearchList(resolvConf, 'host') },
  };
}

function asking(dns: DnsResponder, names: LocalNames = local(), timeout = 5_000): LookupFunction {
  return lookupOf({ servers: [dns.server], timeout }, names);
}

/** The addresses that a look-up finds; rejects with its error. */
function addressesOf(ask: LookupFunction, name: string, options: LookupOptions = {}): Promise<string[]> {
  return new Promise((resolve, reject) => {
    ask(name, { all: true, order: 'ipv4first', ...options }, (error, found) => {
      if (error) reject(error);
      else resolve((found as LookupAddress[]).map((each) => each.address));
    });
  });
}

describe('a look-up with c-ares', () => {
  it('finds the addresses of both families, or of one', async ({ dns }) => {
    dns.addresses('a.test', '10.0.0.1', '10.0.0.2', 'fd00::1');
    const ask = asking(dns);
    expect((await addressesOf(ask, 'a.test')).toSorted()).toEqual(['10.0.0.1', '10.0.0.2', 'fd00::1']);
    expect(await addressesOf(ask, 'a.test', { family: 6 })).toEqual(['fd00::1']);
    expect(dns.asked.toSorted()).toEqual(['A a.test', 'AAAA a.test', 'AAAA a.test']);
  });

  it('gives one address with its family where not all are wanted', async ({ dns }) => {
    dns.addresses('a.test', 'fd00::1');
    const answer = await new Promise((resolve) => {
      asking(dns)('a.test', {}, (...args) => resolve(args));
    });
    expect(answer).toEqual([null, 'fd00::1', 6]);
  });

  it('follows an alias', async ({ dns }) => {
    const records = [alias('a.test', 'b.test'), address('b.test', '10.0.0.1')];
    dns.on('A a.test', records).on('AAAA a.test', [alias('a.test', 'b.test')]);
    expect(await addressesOf(asking(dns), 'a.test')).toEqual(['10.0.0.1']);
  });

  it('asks for an international name in ASCII', async ({ dns }) => {
    dns.addresses('xn--bcher-kva.test', '10.0.0.1');
    expect(await addressesOf(asking(dns), 'Bücher.test')).toEqual(['10.0.0.1']);
  });

  it('takes what the hosts file has, and asks only for what it lacks', async ({ dns }) => {
    dns.addresses('a.test', '10.9.9.9', 'fd00::1');
    const ask = asking(dns, local('10.0.0.2 a.test\n10.0.0.1 A.test'));
    expect(await addressesOf(ask, 'A.TEST.')).toEqual(['10.0.0.2', '10.0.0.1']);
    expect(dns.asked).toEqual([]);
    expect(await addressesOf(ask, 'a.test', { family: 6 })).toEqual(['fd00::1']);
  });

  it('never asks for localhost', async ({ dns }) => {
    expect(await addressesOf(asking(dns), 'localhost', { hints: ADDRCONFIG })).toEqual(['127.0.0.1', '::1']);
    expect(await addressesOf(asking(dns), 'db.localhost.', { family: 6 })).toEqual(['::1']);
    const written = local('127.0.0.5 localhost');
    expect(await addressesOf(asking(dns, written), 'localhost')).toEqual(['127.0.0.5']);
    expect(await addressesOf(asking(dns, written), 'localhost', { family: 6 })).toEqual(['::1']);
    expect(await addressesOf(asking(dns), '10.1.2.3')).toEqual(['10.1.2.3']);
    expect(dns.asked).toEqual([]);
  });

  it('searches the domains of resolv.conf, past one whose server fails', async ({ dns }) => {
    dns.on('A db.one.test', 'SERVFAIL').on('AAAA db.one.test', 'SERVFAIL');
    dns.addresses('db.two.test', '10.0.0.1');
    const names = local('', 'search one.test two.test three.test');
    expect(await addressesOf(asking(dns, names), 'db', { family: 4 })).toEqual(['10.0.0.1']);
    expect([...new Set(dns.asked)]).toEqual(['A db.one.test', 'A db.two.test']);
    await expect(addressesOf(asking(dns, names), 'none', { family: 4 })).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
    await expect(addressesOf(asking(dns, local('', 'search one.test')), 'db')).rejects.toMatchObject({
      code: 'ESERVFAIL',
    });
  });

  it('fails as dns.lookup() does for a name, or a family of it, that there is not', async ({ dns }) => {
    dns.addresses('a.test', '10.0.0.1');
    for (const [name, options] of [
      ['none.test', {}],
      ['a.test', { family: 6 }],
    ] as const) {
      const failed = addressesOf(asking(dns), name, options);
      await expect(failed).rejects.toMatchObject({ code: 'ENOTFOUND', hostname: name });
      await expect(failed).rejects.toThrow(`lookup ENOTFOUND ${name}`);
    }
  });

  it('does not mind that one family fails where the other has addresses', async ({ dns }) => {
    dns.addresses('a.test', '10.0.0.1').on('AAAA a.test', 'SERVFAIL');
    expect(await addressesOf(asking(dns), 'a.test')).toEqual(['10.0.0.1']);
    dns.on('AAAA a.test', 'silence');
    expect(await addressesOf(asking(dns, local(), 200), 'a.test')).toEqual(['10.0.0.1']);
    dns.on('A a.test', []);
    await expect(addressesOf(asking(dns, local(), 200), 'a.test')).rejects.toMatchObject({
      code: 'CONNMAN_TIMEOUT',
      message: expect.stringContaining('200 ms') as string,
    });
  });

  it('passes over a name that the search list makes too long', async ({ dns }) => {
    const long = Array.from({ length: 4 }, () => 'x'.repeat(60)).join('.');
    dns.addresses('a-name-of-some-length', '10.0.0.1');
    const ask = asking(dns, local('', `search ${long}`));
    expect(await addressesOf(ask, 'a-name-of-some-length')).toEqual(['10.0.0.1']);
  });

  it.for(['a.test\0.example', 'a.te\nst', 'a.test/', 'a..test', '\u202ea.test'])(
    'makes no other name of one that is none: %j',
    async (name, { dns }) => {
      dns.addresses('a.test', '10.0.0.1');
      await expect(addressesOf(asking(dns), name)).rejects.toMatchObject({ code: 'ENOTFOUND' });
      expect(dns.asked.filter((each) => each.endsWith(' a.test'))).toEqual([]);
    },
  );

  it('waits a fifth of its time for a family where the other has addresses', async ({ dns }) => {
    dns.addresses('a.test', '10.0.0.1').on('AAAA a.test', 'silence');
    const begin = performance.now();
    expect(await addressesOf(asking(dns, local(), 1_000), 'a.test')).toEqual(['10.0.0.1']);
    expect(performance.now() - begin).toBeLessThan(900);
  });

  it('is refused with what no look-up takes', async ({ dns: _dns }) => {
    const done = (): void => undefined;
    expect(() => lookup('', {}, done)).toThrow('hostname: expected a host name, got ""');
    expect(() => lookup(5 as never, {}, done)).toThrow('hostname: expected a host name, got 5');
    expect(() => lookup('a.test', 4 as never, done)).toThrow('options: expected an object, got 4');
    expect(() => lookup('a.test', {}, undefined as never)).toThrow('answer: expected a function');
    expect(() => createLookup({ timeout: 0 })).toThrow('options.timeout: expected milliseconds from 1');
    expect(() => createLookup({ servers: ['localhost'] })).toThrow('options.servers[0]: expected an address');
    expect(() => createLookup({ tries: 1 } as never)).toThrow('only the options servers, timeout');
  });

  it('reads the files of this host by default', async ({ dns: _dns }) => {
    expect(await addressesOf(lookup, 'localhost', { family: 4 })).toContain('127.0.0.1');
  });
});

it('connections are dialled with it, in every life', async ({ dns, server, manager }) => {
  dns.addresses('server.test', '127.0.0.1');
  const handler = new Recorder();
  manager.connect(server.port, 'server.test', handler, {
    backoff: constant(0),
    lookup: createLookup({ servers: [dns.server] }),
  });
  await handler.until('connect');
  server.dropAll('reset');
  await handler.until('reconnect');
  expect(dns.count('A server.test')).toBe(2);
});

it('a dial whose look-up hangs says so, and nothing is left when its time is over', async ({
  dns,
  server,
}) => {
  dns.on('A server.test', 'silence').on('AAAA server.test', 'silence');
  const manager = new ConnectionManager();
  const handler = new Recorder();
  const options = { backoff: constant(60_000), connectTimeout: 50 };
  const own = createLookup({ servers: [dns.server], timeout: 300 });
  manager.connect(server.port, 'server.test', handler, { ...options, lookup: own });
  await handler.until('retry');
  expect(handler.failures[0]?.error.message).toMatch(
    /no connection within 50 ms: the name is not looked up yet$/,
  );
  expect(handler.failures[0]?.phase).toBe('lookup');
  await manager.disconnectAll();
  await until(() => !process.getActiveResourcesInfo().includes('QueryReqWrap'));
});
