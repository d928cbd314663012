import { Registry } from 'prom-client';
import { describe, expect } from 'vitest';
import { ConnectionManager, constant, type Pool } from '../../src/index.js';
import { prometheus, type MetricsOptions } from '../../src/metrics/index.js';
import { startFaultServer, type FaultServer } from '../../src/testing/index.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';
import { ScriptedDiscovery } from '../support/scripted-discovery.js';

const atOnce = { backoff: constant(0), stableAfter: 0 };

/** A pool of two that are ready in their second life, after ten bytes in the first; a third has been refused for ever. */
async function poolWithPast(
  server: FaultServer,
  manager: ConnectionManager,
  name: string,
): Promise<Pool<Recorder>> {
  const { port, host } = server;
  const pool = manager.createPool(name, () => new Recorder(), atOnce);
  pool.addConnection(port, host);
  pool.addConnection(port, host);
  pool.addConnection({ path: '/nowhere/connman.sock' }, { maxAttempts: 3 });
  await pool.ready(2);
  await until(() => pool.size === 2);
  for (const { socket, handler } of pool) {
    socket.write('ten bytes.');
    await handler.until('data');
  }
  server.dropAll('end');
  await Promise.all([...pool].map(({ handler }) => handler.until('reconnect')));
  return pool;
}

describe('prometheus()', () => {
  it('says what pools say: as text, and in a registry of prom-client', async ({ server, manager }) => {
    const pools = [
      await poolWithPast(server, manager, 'one'),
      manager.createPool('two "2"\n\\', () => new Recorder()),
    ];
    const registry = new Registry();
    using exporter = prometheus(pools, registry);
    const [lease] = await Promise.all([pools[0]?.acquire(), pools[0]?.acquire()]);
    await expect(pools[0]?.acquire({ timeout: 1 })).rejects.toThrow('within 1 ms');
    lease?.release();
    expect(exporter.contentType).toBe(registry.contentType);
    for (const text of [exporter.metrics(), await registry.metrics(), await registry.metrics()]) {
      expect(text.split('\n')).toEqual(
        expect.arrayContaining([
          'connman_connections{pool="one",state="ready"} 2',
          'connman_connections{pool="one",state="waiting"} 0',
          String.raw`connman_connections{pool="two \"2\"\n\\",state="ready"} 0`,
          'connman_unsent_bytes{pool="one"} 0',
          'connman_pool_state{pool="one",state="up"} 1',
          'connman_pool_state{pool="one",state="down"} 0',
          'connman_pool_not_up_seconds{pool="one"} 0',
          'connman_leased{pool="one"} 1',
          'connman_waiting{pool="one"} 0',
          'connman_leases_total{pool="one"} 2',
          'connman_waits_total{pool="one"} 1',
          'connman_failed_acquires_total{pool="one",why="timeout"} 1',
          'connman_failed_acquires_total{pool="one",why="full"} 0',
          'connman_dials_total{pool="one"} 7',
          'connman_failed_dials_total{pool="one",phase="connect"} 3',
          'connman_failed_dials_total{pool="one",phase="tls"} 0',
          'connman_lives_total{pool="one"} 4',
          'connman_resets_total{pool="one",code="remote-end"} 2',
          'connman_resets_total{pool="one",code="error"} 0',
          'connman_io_bytes_total{pool="one",direction="receive"} 20',
          'connman_io_bytes_total{pool="one",direction="transmit"} 20',
          'connman_handler_errors_total{pool="one"} 0',
          '# TYPE connman_lives_total counter',
          '# TYPE connman_connections gauge',
          '# TYPE connman_lease_wait_seconds histogram',
          'connman_lease_wait_seconds_count{pool="one"} 2',
          'connman_lease_wait_seconds_bucket{pool="one",le="+Inf"} 2',
          'connman_lease_held_seconds_count{pool="one"} 1',
        ]),
      );
    }
    exporter.stop();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it('measures what is its own: not pools of that name in other managers', async ({ server, manager }) => {
    const other = new ConnectionManager();
    using exporter = prometheus(manager);
    const pools = [manager, other].map((each) => each.createPool('p', () => new Recorder(), atOnce));
    for (const pool of pools) pool.addConnection(server.port, server.host);
    await Promise.all(pools.map((pool) => pool.ready()));
    for (const [index, pool] of pools.entries()) {
      for (let count = 0; count < 3 * (index + 1); count += 1) await pool.use(() => undefined);
    }
    expect(exporter.metrics()).toContain('connman_lease_held_seconds_count{pool="p"} 3\n');
    expect(exporter.metrics()).toContain('connman_connect_seconds_count{pool="p"} 1\n');
    exporter.stop();
    await pools[0]?.use(() => undefined);
    expect(exporter.metrics()).toContain('connman_lease_held_seconds_count{pool="p"} 3\n');
    expect(exporter.metrics()).toContain('connman_leases_total{pool="p"} 4\n');
    await pools[0]?.disconnect();
    expect(exporter.metrics()).not.toContain('pool="p"');
    await other.disconnectAll();
  });

  it('has buckets from 1 ms to 10 s', async ({ server, manager }) => {
    const pool = manager.createPool('p', () => new Recorder(), atOnce);
    using exporter = prometheus(pool);
    pool.addConnection(server.port, server.host);
    await pool.ready();
    await pool.use(() => undefined);
    const began = performance.now();
    await pool.use(() => until(() => performance.now() > began + 12));
    const held = exporter.metrics().match(/(?<=held_seconds_bucket.*,le=").*/g);
    expect(held?.slice(0, 4)).toEqual(['0.001"} 1', '0.0025"} 1', '0.005"} 1', '0.01"} 1']);
    expect(held?.slice(-2)).toEqual(['10"} 2', '+Inf"} 2']);
  });

  it('says what discovery wants and lacks, how old its answer is, and that it fails', async ({
    server,
    manager,
  }) => {
    await using refusing = await startFaultServer();
    await refusing.refuse();
    const discovery = new ScriptedDiscovery();
    const pool = manager.createPool('p', () => new Recorder(), {
      ...atOnce,
      discovery,
      perEndpoint: 2,
      shouldRetry: () => false,
    });
    manager.createPool('without', () => new Recorder());
    using exporter = prometheus(manager);
    expect(exporter.metrics()).not.toContain('connman_discovery_age_seconds');
    await discovery.say([server, refusing].map(({ host, port }) => ({ host, port })));
    await pool.ready(2);
    await until(() => pool.size === 2);
    void discovery.fail(new Error('no answer'));
    await until(() => pool.stats().discovery?.failures === 1);
    const text = exporter.metrics();
    const said = [...text.matchAll(/^connman_discovery_(\w+)\{pool="p"\} (.+)$/gm)];
    const values = Object.fromEntries(said.map(([, name, value]) => [name, Number(value)]));
    expect(values).toEqual({
      wanted: 4,
      missing: 2,
      failures_total: 1,
      failures_in_row: 1,
      age_seconds: expect.closeTo(0, -2),
    });
    expect(text).not.toMatch(/discovery_\w+\{pool="(?:without)?"/);
  });

  it('has lone connections without the name of a pool', async ({ server, manager }) => {
    using exporter = prometheus(manager, undefined, { endpoints: 1 });
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await connection.ready();
    connection.socket.write('ten bytes.');
    await handler.until('data');
    await connection.disconnect();
    const text = exporter.metrics();
    expect(text).toContain('connman_connections{pool="",state="ready"} 0\n');
    expect(text).toContain('connman_lives_total{pool=""} 1\n');
    expect(text).toContain('connman_io_bytes_total{pool="",direction="receive"} 10\n');
    expect(text).toContain('connman_resets_total{pool="",code="disconnect"} 1\n');
    expect(text).toContain('connman_connect_seconds_count{pool=""} 1\n');
    expect(text).toContain('connman_endpoint_lives_total{pool="",endpoint="other"} 1\n');
    expect(text).not.toMatch(/leased\{pool=""|held_seconds\w*\{pool=""/);
  });

  it('names the endpoints with the most connections, and adds up the others, of which no counter jumps', async ({
    server,
    manager,
  }) => {
    await using large = await startFaultServer();
    const pool = manager.createPool('p', () => new Recorder(), atOnce);
    using exporter = prometheus(manager, undefined, { endpoints: 1 });
    const lives = (): Record<string, number> => {
      const lines = exporter.metrics().matchAll(/endpoint_lives_total\{pool="p",endpoint="(.*?)"\} (\d+)/g);
      return Object.fromEntries([...lines].map(([, endpoint, value]) => [endpoint, Number(value)]));
    };
    const name = `127.0.0.1:${large.port}`;
    pool.addConnection(server.port, server.host);
    const [one, two] = [
      pool.addConnection(large.port, large.host),
      pool.addConnection(large.port, large.host),
    ];
    await pool.ready();
    expect(lives()).toEqual({ [name]: 2, other: 1 });
    await Promise.all([pool.removeConnection(one), pool.removeConnection(two)]);
    // The freed place is the other one's, with all of its counts, which stay among the others; what has left is among no others.
    expect(lives()).toEqual({ [`127.0.0.1:${server.port}`]: 1, other: 1 });
    pool.addConnection(large.port, large.host);
    await pool.ready();
    expect(lives()).toEqual({ [`127.0.0.1:${server.port}`]: 1, other: 2 });
    for (const connection of pool) await pool.removeConnection(connection);
    expect(lives()).toEqual({ other: 2 });
    expect(exporter.metrics()).toContain('connman_endpoint_connections{pool="p",endpoint="other"} 0\n');
  });

  it('gives a registry its values at once: old ones wait for none', ({ manager }) => {
    const listed: { name: string; get: () => object }[] = [];
    const registry = {
      registerMetric: (metric: object) => void listed.push(metric as (typeof listed)[number]),
      removeSingleMetric: () => undefined,
    };
    using _exporter = prometheus(manager, registry);
    expect(listed[0]?.get()).toMatchObject({
      name: 'connman_connections',
      type: 'gauge',
      values: expect.any(Array),
    });
  });

  it.for<[unknown, unknown, unknown, string]>([
    [{}, undefined, {}, 'source: expected a ConnectionManager, a Pool or pools'],
    [[1], undefined, {}, 'source: expected a ConnectionManager, a Pool or pools'],
    [[], {}, {}, 'registry: expected a registry of prom-client'],
    [
      [],
      undefined,
      { endpoints: -1 },
      'options.endpoints: expected a whole number from 0, or Infinity, got -1',
    ],
    [[], undefined, { endpoint: 1 }, 'options: expected a known option, got "endpoint"'],
  ])('refuses %j, %j, %j', ([source, registry, options, message]) => {
    const call = (): unknown => prometheus(source as [], registry as Registry, options as MetricsOptions);
    expect(call).toThrow(expect.objectContaining({ code: 'CONNMAN_OPTION' }));
    expect(call).toThrow(message);
  });

  it('refuses two pools of one name, and adds nothing to a registry that has its metrics', async ({
    manager,
  }) => {
    const other = new ConnectionManager();
    const pools = [manager, other].map((each) => each.createPool('p', () => new Recorder()));
    expect(() => prometheus(pools)).toThrow('pools of different names');
    const registry = new Registry();
    using _ = prometheus(manager, registry);
    const before = registry.getMetricsAsArray().length;
    expect(() => prometheus(other, registry)).toThrow('already been registered');
    expect(registry.getMetricsAsArray()).toHaveLength(before);
  });
});
