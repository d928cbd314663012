import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { dnsAddresses, dnsServices, type DnsServicesOptions } from '../../src/dns/index.js';
import { address, type Reply } from '../support/dns-responder.js';
import { needsInstalled, startInstalled, type InstalledServer } from '../support/installed-server.js';
import { dnsmasq } from '../support/servers.js';
import { it as plainIt, next, nextHosts } from './iterations.js';

const name = '_mqtt._tcp.shop.a.test';

interface Dnsmasq {
  /** What it is to know when it is started. */
  records: string[];
  /** Starts it. */
  start: () => Promise<InstalledServer>;
}

const it = plainIt.extend<Dnsmasq>({
  // oxlint-disable-next-line no-empty-pattern
  records: async ({}, use) => use([]),
  start: async ({ records, task }, use) => {
    const started: InstalledServer[] = [];
    await use(async () => {
      needsInstalled(dnsmasq(), task.context);
      const server = await startInstalled(dnsmasq(records));
      started.push(server);
      return server;
    });
    for (const server of started) await server[Symbol.asyncDispose]();
  },
});

function at(server: InstalledServer, more: DnsServicesOptions = {}): DnsServicesOptions {
  return { servers: [`127.0.0.1:${server.port}`], minRefresh: 1, ...more };
}

function srv(target: string, port: number, priority: number, weight: number): string {
  return `--srv-host=${name},${target},${port},${priority},${weight}`;
}

describe('dnsmasq', () => {
  it('SRV with weights and priorities, and both families', async ({ records, start, open }) => {
    records.push(
      srv('one.a.test', 1883, 0, 3),
      srv('two.a.test', 1884, 0, 1),
      srv('spare.a.test', 1883, 10, 0),
    );
    records.push('--host-record=one.a.test,10.0.0.1,::1', '--host-record=two.a.test,10.0.0.2');
    records.push('--host-record=spare.a.test,::9');
    const found = (host: string, target: string, port: number, priority: number, weight: number): object => ({
      host,
      port,
      priority,
      weight,
      servername: target,
    });
    expect(await next(open(dnsServices(name, at(await start()))))).toStrictEqual([
      found('10.0.0.1', 'one.a.test', 1883, 0, 1.5),
      found('10.0.0.2', 'two.a.test', 1884, 0, 1),
      found('::1', 'one.a.test', 1883, 0, 1.5),
      found('::9', 'spare.a.test', 1883, 10, 0),
    ]);
  });

  it('an answer that changes, without a restart', async ({ start, open }) => {
    const server = await start();
    const tell = (...lines: string[]): void => {
      writeFileSync(join(server.folder, 'hosts'), `${lines.join('\n')}\n`);
      server.signal('SIGHUP');
    };
    tell('10.0.0.1 a.test');
    // Whether it has read them yet does not show before it answers.
    const source = dnsAddresses('a.test', 6379, at(server));
    let iteration = open(source);
    for (let hosts: unknown[] = []; hosts.length === 0;) {
      hosts = await nextHosts(iteration).catch(() => []);
      if (hosts.length === 0) iteration = open(source);
    }
    tell('10.0.0.1 a.test', '10.0.0.2 a.test');
    expect(await nextHosts(iteration)).toEqual(['10.0.0.1', '10.0.0.2']);
    tell('10.0.0.2 a.test');
    expect(await nextHosts(iteration)).toEqual(['10.0.0.2']);
    tell('::2 a.test');
    // One of the two questions, for IPv4 and for IPv6, may have been asked before the change.
    let hosts = await nextHosts(iteration);
    while (hosts.length !== 1 || hosts[0] === '10.0.0.2') hosts = await nextHosts(iteration);
    expect(hosts).toEqual(['::2']);
  });

  it('another answer after a restart, in the next iteration', async ({ records, start, open }) => {
    records.push(srv('one.a.test', 1, 0, 0), '--host-record=one.a.test,10.0.0.1');
    const server = await start();
    const source = dnsServices(name, at(server));
    const first = open(source);
    expect(await nextHosts(first)).toEqual(['10.0.0.1']);
    await server.kill();
    await expect(next(first)).rejects.toMatchObject({
      code: 'CONNMAN_DISCOVERY',
      domain: name,
      cause: { code: 'ECONNREFUSED' },
    });
    records.splice(0, 2, srv('two.a.test', 2, 0, 0), '--host-record=two.a.test,10.0.0.2');
    await server.start();
    expect(await nextHosts(open(source))).toEqual(['10.0.0.2']);
  });

  it('NXDOMAIN, NODATA, and a service that is not offered', async ({ records, start, open }) => {
    records.push(`--txt-record=${name},text`, '--txt-record=b.test,text', '--srv-host=_no._tcp.b.test');
    const options = at(await start());
    const failure = (source: ReturnType<typeof dnsServices>): Promise<unknown> =>
      next(open(source)).catch((error: unknown) => error);
    expect(await failure(dnsServices(name, options))).toMatchObject({ cause: { code: 'ENODATA' } });
    expect(await failure(dnsServices('_s._tcp.no.test', options))).toMatchObject({
      cause: { code: 'ENOTFOUND' },
    });
    expect(await failure(dnsAddresses('b.test', 1, options))).toMatchObject({ cause: { code: 'ENODATA' } });
    expect(await failure(dnsAddresses('no.test', 1, options))).toMatchObject({
      cause: { code: 'ENOTFOUND' },
    });
    expect(await failure(dnsServices('_no._tcp.b.test', options))).toMatchObject({
      message: 'there is no service at _no._tcp.b.test',
    });
  });

  it('a thousand targets', async ({ records, start, open }) => {
    const service = '_s._tcp.t.test';
    // With a --host-record for each, dnsmasq 2.90 would add their addresses, beyond the reach of its pointers to names.
    records.push('--address=/t.test/10.0.0.1');
    for (let index = 1_000; index < 2_000; index += 1) {
      records.push(`--srv-host=${service},n${index}.t.test,80,0,1`);
    }
    const snapshot = await next(open(dnsServices(service, at(await start(), { timeout: 60_000 }))));
    expect(new Set(snapshot.map(({ servername }) => servername)).size).toBe(1_000);
    expect(snapshot).toHaveLength(1_000);
  });

  it('a poisoned target beside a good one', async ({ records, start, open }) => {
    records.push(srv('metadata.test', 80, 0, 0), srv('one.a.test', 1883, 0, 0));
    records.push('--host-record=metadata.test,169.254.169.254', '--host-record=one.a.test,10.0.0.1');
    const server = await start();
    expect(await nextHosts(open(dnsServices(name, at(server))))).toEqual(['10.0.0.1']);
    const allowTarget = (target: string): boolean => target === 'metadata.test';
    expect(await nextHosts(open(dnsServices(name, at(server, { allowTarget }))))).toEqual([
      '169.254.169.254',
    ]);
  });

  describe('in front of a server', () => {
    const faults: readonly [reply: Reply, cause: object][] = [
      ['SERVFAIL', { code: 'ESERVFAIL' }],
      ['REFUSED', { code: 'EREFUSED' }],
      ['silence', { code: 'CONNMAN_TIMEOUT', timeout: 600 }],
      ['wrong id', { code: 'CONNMAN_TIMEOUT', timeout: 600 }],
      ['garbage', {}],
    ];
    it.for(faults)('that answers %j', async ([reply, cause], { dns, records, start, open }) => {
      dns.on('A up.test', reply).on('AAAA up.test', reply);
      records.push(`--server=/up.test/${dns.server.replace(':', '#')}`);
      const begin = performance.now();
      const failed = next(open(dnsAddresses('up.test', 80, at(await start(), { timeout: 600 }))));
      await expect(failed).rejects.toMatchObject({ code: 'CONNMAN_DISCOVERY', cause });
      expect(performance.now() - begin).toBeLessThan(5_000);
    });

    it('that answers with a TTL, which is waited for', async ({ dns, records, start, open }) => {
      dns.addresses('up.test').on('A up.test', (ask) => [address('up.test', `10.0.0.${ask}`, 1)]);
      records.push(`--server=/up.test/${dns.server.replace(':', '#')}`);
      const iteration = open(dnsAddresses('up.test', 80, at(await start(), { jitter: 0 })));
      const begin = performance.now();
      expect(await nextHosts(iteration)).toEqual(['10.0.0.1']);
      expect(await nextHosts(iteration)).toEqual(['10.0.0.2']);
      expect(performance.now() - begin).toBeGreaterThan(990);
    });
  });
});
