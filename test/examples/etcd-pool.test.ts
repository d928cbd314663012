import { describe, expect } from 'vitest';
import { etcdEndpoints } from '../../examples/discovery/etcd.js';
import type { Pool } from '../../src/index.js';
import { startFaultServer, type FaultServer } from '../../src/testing/index.js';
import { it as plainIt, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';
import { open, startEtcd } from './etcd-server.js';

/** Four fault servers. */
type FourServers = readonly [FaultServer, FaultServer, FaultServer, FaultServer];

const it = plainIt.extend<{ servers: FourServers }>({
  // oxlint-disable-next-line no-empty-pattern
  servers: async ({}, use) => {
    const start = startFaultServer;
    const servers = await Promise.all([start(), start(), start(), start()]);
    await use(servers);
    await Promise.all(servers.map((server) => server.close()));
  },
});

describe('a pool that follows etcd', () => {
  const ports = (pool: Pool<Recorder>): number[] => [...pool].map(({ endpoint }) => endpoint.port ?? 0);

  it('has the servers that etcd has, and those it knows while etcd is down', async ({
    skip,
    manager,
    servers,
  }) => {
    await using registry = await startEtcd({ skip });
    const { url, keys } = open(registry);
    const [a, b, c, d] = servers;
    await keys.put('/cache/a', `127.0.0.1:${a.port}`);
    await keys.put('/cache/b', `127.0.0.1:${b.port}`);
    const discovery = etcdEndpoints(url, '/cache/');
    const pool = manager.createPool('cache', () => new Recorder(), { discovery });
    await until(() => pool.readyCount === 2);
    expect(ports(pool)).toEqual([a.port, b.port]);
    await keys.put('/cache/c', `127.0.0.1:${c.port}`);
    await until(() => pool.readyCount === 3);
    await keys.remove('/cache/a');
    await until(() => pool.size === 2);
    expect(ports(pool)).toEqual([b.port, c.port]);

    await registry.kill();
    b.dropAll('reset');
    await Promise.all([...pool].slice(0, 1).map(({ handler }) => handler.until('reconnect')));
    expect([...pool].map(({ life }) => life)).toEqual([2, 1]);

    await registry.start();
    await keys.put('/cache/d', `127.0.0.1:${d.port}`);
    await keys.remove('/cache/b');
    await until(() => ports(pool).join(' ') === [c.port, d.port].join(' '));
    await pool.ready(2);
    expect([...pool].map(({ life }) => life)).toEqual([1, 1]);
  });
});
