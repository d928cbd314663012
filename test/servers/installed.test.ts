import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { it } from '../support/fixtures.js';
import { needsInstalled, startInstalled } from '../support/installed-server.js';
import { dnsmasq, etcd, memcached, mosquitto, postgres, redis } from '../support/servers.js';

const servers = { memcached, redis, mosquitto, postgres, dnsmasq: dnsmasq(), etcd };

const packages = /^packages=\((.*)\)$/m.exec(
  readFileSync(join(__dirname, '..', '..', '.ci', 'install-servers'), 'utf8'),
)?.[1];

describe.each(Object.entries(servers))('%s', (_, server) => {
  it('is among the servers that .ci/install-servers installs', () => {
    expect(packages?.split(' ')).toContain(server.package);
  });

  it('answers when it is started, is gone when it is killed, and answers again', async ({ skip }) => {
    needsInstalled(server, { skip });
    let folder = '';
    const watched = {
      ...server,
      args: (place: Parameters<typeof server.args>[0]) => {
        ({ folder } = place);
        return server.args(place);
      },
    };
    {
      await using installed = await startInstalled(watched);
      await installed.kill();
      const [error]: unknown[] = await once(connect(installed.port, installed.host), 'error');
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
      await installed.start();
      expect(existsSync(folder)).toBe(true);
    }
    expect(existsSync(folder)).toBe(false);
  });
});

it('a server that does not start is an error that says what it wrote', async ({ skip }) => {
  needsInstalled(redis, { skip });
  const broken = { ...redis, args: () => ['--no-such-option', 'x'] };
  await expect(startInstalled(broken)).rejects.toThrow(/redis-server exited: .*no-such-option/s);
});
