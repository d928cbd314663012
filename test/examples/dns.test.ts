import { describe, expect } from 'vitest';
import { startFaultServer } from '../../src/testing/index.js';
import { needsInstalled, startInstalled } from '../support/installed-server.js';
import { dnsmasq } from '../support/servers.js';
import { it } from './example.js';

interface Service {
  readonly name: string;
  readonly target: string;
}

const services: [system: string, service: Service][] = [
  ['Kubernetes', { name: '_memcache._tcp.cache.shop.svc.test', target: 'cache-0.cache.shop.svc.test' }],
  ['Consul', { name: '_memcache._tcp.service.consul', target: 'web-1.node.dc1.consul' }],
];

describe('dns.ts', () => {
  it.for(services)(
    'goes where the DNS says, with names as %s has them',
    async ([, { name, target }], { server, start, skip }) => {
      const records = ['--local=/consul/', `--host-record=${target},127.0.0.1`];
      needsInstalled(dnsmasq(), { skip });
      await using other = await startFaultServer();
      const known = [...records, `--srv-host=${name},${target},${server.port},0,1`];
      await using dns = await startInstalled(dnsmasq(known));
      const example = start('discovery/dns.ts', name, `127.0.0.1:${dns.port}`);
      await Promise.all([server.accept(1), server.accept(2)]);
      await example.until(`127.0.0.1:${server.port}: connected\n`);

      await dns.kill();
      known.splice(0, known.length, ...records, `--srv-host=${name},${target},${other.port},0,1`);
      await dns.start();
      await Promise.all([other.accept(1), other.accept(2)]);
      await example.until(`127.0.0.1:${other.port}: connected\n`);
      await example.until(`127.0.0.1:${server.port}: disconnect\n`);

      example.interrupt();
      expect(await example.exit).toBe(process.platform === 'win32' ? null : 0);
      expect(example.complaints).toBe('');
    },
  );
});
