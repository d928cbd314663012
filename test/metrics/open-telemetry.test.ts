import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { expect } from 'vitest';
import { constant, staticEndpoints } from '../../src/index.js';
import { openTelemetry, type OpenTelemetryMeter } from '../../src/metrics/index.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const poolName = 'db.client.connection.pool.name';

/** What the exporter has of a metric: each value by its attributes but the name of the pool; or those without a pool. */
function exported(name: string, pool: string | undefined): Record<string, unknown> {
  const [resource] = exporter.getMetrics().slice(-1);
  const metrics = resource?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  const { dataPoints = [] } = metrics.find(({ descriptor }) => descriptor.name === name) ?? {};
  return Object.fromEntries(
    dataPoints
      .filter(({ attributes }) => attributes[poolName] === pool)
      .map(({ attributes, value }) => [
        Object.entries(attributes)
          .filter(([attribute]) => attribute !== poolName)
          .map((each) => each.join('='))
          .join(),
        value,
      ]),
  );
}

it('openTelemetry() exports what pools and lone connections say, and times in more than one bucket', async ({
  server,
  manager,
}) => {
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 86_400_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const options = { backoff: constant(0), stableAfter: 0 };
  const pool = manager.createPool('one', () => new Recorder(), options);
  const stop = openTelemetry(manager, provider.getMeter('test'), { endpoints: 1 });
  const { handler, socket } = pool.addConnection(server.port, server.host);
  const lone = manager.connect(server.port, server.host, new Recorder(), options);
  const discovery = staticEndpoints([{ host: server.host, port: server.port }]);
  const found = manager.createPool('found', () => new Recorder(), { ...options, discovery });
  await Promise.all([pool.ready(), lone.ready(), found.ready()]);
  socket.write('ten bytes.');
  await handler.until('data');
  server.dropAll('end');
  await handler.until('reconnect');
  await until(() => pool.readyCount === 1 && lone.life === 2 && lone.state === 'ready');
  const lease = await pool.acquire();
  const [waiting, began] = [pool.acquire(), performance.now()];
  await until(() => performance.now() > began + 12);
  lease.release();
  await waiting;
  await expect(pool.acquire({ timeout: 1 })).rejects.toThrow('within 1 ms');
  void pool.acquire().catch(() => undefined);
  await provider.forceFlush();
  const values = (name: string): unknown => exported(name, 'one');
  expect(values('db.client.connection.count')).toEqual({
    'db.client.connection.state=idle': 0,
    'db.client.connection.state=used': 1,
  });
  expect(values('db.client.connection.pending_requests')).toEqual({ '': 1 });
  expect(values('db.client.connection.timeouts')).toEqual({ '': 1 });
  expect(values('db.client.connection.use_time')).toMatchObject({ '': { count: 1 } });
  const waits = exported('db.client.connection.wait_time', 'one')[''] as {
    buckets: { boundaries: number[]; counts: number[] };
  };
  expect(waits.buckets.boundaries).toEqual([
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]);
  expect(waits.buckets.counts.filter((count) => count > 0)).toEqual([1, 1]);
  expect(values('db.client.connection.create_time')).toMatchObject({ '': { count: 2 } });
  expect(values('connman.connections')).toMatchObject({
    'connman.connection.state=ready': 1,
    'connman.connection.state=waiting': 0,
  });
  expect(values('connman.pool.state')).toMatchObject({ 'connman.pool.state=up': 1 });
  expect(values('connman.pool.not_up')).toEqual({ '': 0 });
  expect(values('connman.dials')).toEqual({ '': 2 });
  expect(values('connman.failed_dials')).toMatchObject({ 'connman.dial.phase=lookup': 0 });
  expect(values('connman.resets')).toMatchObject({ 'connman.reset.code=remote-end': 1 });
  expect(values('connman.io')).toEqual({
    'network.io.direction=receive': 10,
    'network.io.direction=transmit': 10,
  });
  expect(
    ['age', 'wanted', 'missing', 'failures'].map((name) => exported(`connman.discovery.${name}`, 'found')),
  ).toEqual([{ '': expect.any(Number) }, { '': 1 }, { '': 0 }, { '': 0 }]);
  expect(values('connman.discovery.wanted')).toEqual({});
  expect(exported('connman.lives', undefined)).toEqual({ '': 2 });
  expect(exported('connman.leases', undefined)).toEqual({});
  expect(values('connman.endpoint.dials')).toEqual({
    [`server.address=${server.host},server.port=${server.port}`]: 2,
    'server.address=other': 0,
  });
  stop();
  await provider.shutdown();
  expect(() => openTelemetry(manager, {} as OpenTelemetryMeter)).toThrow('a Meter of @opentelemetry/api');
});
