import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import { expect } from 'vitest';
import { observePool } from '../../examples/telemetry/opentelemetry.js';
import { poolMetrics } from '../../examples/telemetry/prometheus.js';
import { constant, type ConnectionManager, type Pool } from '../../src/index.js';
import type { FaultServer } from '../../src/testing/index.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

/** A pool of two that are ready in their second life, after ten bytes in the first; a third has been refused for ever. */
async function poolWithPast(
  server: FaultServer,
  manager: ConnectionManager,
  name: string,
): Promise<Pool<Recorder>> {
  const { port, host } = server;
  const pool = manager.createPool(name, () => new Recorder(), { backoff: constant(0), stableAfter: 0 });
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

it('prometheus.ts: what is scraped is what the pool says', async ({ server, manager }) => {
  const pools = [
    await poolWithPast(server, manager, 'one'),
    manager.createPool('two "2"', () => new Recorder()),
  ];
  const registry = new Registry();
  poolMetrics(pools, registry);
  const [lease] = await Promise.all([pools[0]?.acquire(), pools[0]?.acquire()]);
  await expect(pools[0]?.acquire({ timeout: 1 })).rejects.toThrow('within 1 ms');
  lease?.release();
  for (let scrape = 1; scrape <= 2; scrape += 1) {
    const lines = (await registry.metrics()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'connman_pool_connections{pool="one",state="ready"} 2',
        'connman_pool_connections{pool="one",state="waiting"} 0',
        String.raw`connman_pool_connections{pool="two \"2\"",state="ready"} 0`,
        'connman_pool_unsent_bytes{pool="one"} 0',
        'connman_pool_state{pool="one",state="up"} 1',
        'connman_pool_state{pool="one",state="down"} 0',
        String.raw`connman_pool_state{pool="two \"2\"",state="down"} 1`,
        'connman_pool_leased{pool="one"} 1',
        'connman_pool_waiting{pool="one"} 0',
        'connman_pool_leases_total{pool="one"} 2',
        'connman_pool_waits_total{pool="one"} 1',
        'connman_pool_failed_acquires_total{pool="one",why="timeout"} 1',
        'connman_pool_failed_acquires_total{pool="one",why="full"} 0',
        'connman_pool_dials_total{pool="one"} 7',
        'connman_pool_failed_dials_total{pool="one",phase="connect"} 3',
        'connman_pool_failed_dials_total{pool="one",phase="tls"} 0',
        'connman_pool_lives_total{pool="one"} 4',
        'connman_pool_resets_total{pool="one",code="remote-end"} 2',
        'connman_pool_resets_total{pool="one",code="error"} 0',
        'connman_pool_read_bytes_total{pool="one"} 20',
        'connman_pool_written_bytes_total{pool="one"} 20',
        'connman_pool_handler_errors_total{pool="one"} 0',
        '# TYPE connman_pool_lives_total counter',
        '# TYPE connman_pool_connections gauge',
      ]),
    );
  }
});

/** What the exporter has of a metric: each value with the attributes that are not those of the pool. */
function exported(exporter: InMemoryMetricExporter, name: string): [kind: string, value: unknown][] {
  const [resource] = exporter.getMetrics().slice(-1);
  const metrics = resource?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  const { dataPoints = [] } = metrics.find(({ descriptor }) => descriptor.name === name) ?? {};
  return dataPoints.map(({ attributes: { 'db.client.connection.pool.name': pool, ...others }, value }) => {
    expect(pool).toBe('one');
    return [Object.entries(others).flat().join('='), value];
  });
}

it('opentelemetry.ts: what is exported is what the pool says', async ({ server, manager }) => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 86_400_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('test');
  const pool = manager.createPool('one', () => new Recorder(), { backoff: constant(0), stableAfter: 0 });
  const other = manager.createPool('other', () => new Recorder());
  const stop = observePool(pool, meter);
  const { handler, socket } = pool.addConnection(server.port, server.host);
  other.addConnection(server.port, server.host);
  await Promise.all([pool.ready(), other.ready()]);
  socket.write('ten bytes.');
  await handler.until('data');
  server.dropAll('end');
  await handler.until('reconnect');
  await until(() => pool.readyCount === 1);
  const lease = await pool.acquire();
  const waiting = pool.acquire();
  lease.release();
  await waiting;
  const late = pool.acquire({ timeout: 1 });
  await expect(late).rejects.toThrow('within 1 ms');
  void pool.acquire().catch(() => undefined);
  await provider.forceFlush();
  const values = (name: string): unknown => Object.fromEntries(exported(exporter, name));
  expect(values('db.client.connection.count')).toMatchObject({
    'db.client.connection.state=idle': 0,
    'db.client.connection.state=used': 1,
  });
  expect(values('db.client.connection.pending_requests')).toEqual({ '': 1 });
  expect(values('db.client.connection.timeouts')).toEqual({ '': 1 });
  expect(values('db.client.connection.wait_time')).toMatchObject({ '': { count: 2 } });
  expect(values('db.client.connection.use_time')).toMatchObject({ '': { count: 1 } });
  expect(values('connman.pool.connections')).toMatchObject({
    'connman.connection.state=ready': 1,
    'connman.connection.state=waiting': 0,
  });
  expect(values('connman.pool.dials')).toEqual({ '': 2 });
  expect(values('connman.pool.failed_dials')).toMatchObject({ 'connman.dial.phase=lookup': 0 });
  expect(values('connman.pool.lives')).toEqual({ '': 2 });
  expect(values('connman.pool.resets')).toMatchObject({ 'connman.reset.code=remote-end': 1 });
  expect(values('connman.pool.io')).toEqual({
    'network.io.direction=receive': 10,
    'network.io.direction=transmit': 10,
  });
  expect(values('connman.pool.handler_errors')).toEqual({ '': 0 });
  expect(values('db.client.connection.create_time')).toMatchObject({ '': { count: 2 } });
  stop();
  await provider.shutdown();
});
