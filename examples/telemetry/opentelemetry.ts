/**
 * The metrics of a pool for OpenTelemetry. It uses the API alone; your application chooses the SDK that exports them.
 *
 *     const stop = observePool(pool, metrics.getMeter('my-application'));
 *
 * Names that begin with `db.client.connection` are those of the semantic conventions for client connection pools. A connection
 * in shared use, by `pick()`, counts as `idle`, since a pool cannot know whether it is in use.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import type { ChannelPayloads, PoolStats } from 'connman';

/** The part of a pool that is measured. */
interface Measured {
  readonly name: string;
  stats(): PoolStats;
}

/** Reports a pool at each collection of metrics. Call the returned function to stop. */
export function observePool(pool: Measured, meter: Meter): () => void {
  const attributes = { 'db.client.connection.pool.name': pool.name };
  const instruments = instrumentsOf(meter);
  const observables: Observable[] = Object.values(instruments);
  const observe = (result: BatchObservableResult): void => {
    const stats = pool.stats();
    const one = (instrument: Observable, value: number): void =>
      result.observe(instrument, value, attributes);
    const kinds = (instrument: Observable, name: string, values: Readonly<Record<string, number>>): void => {
      for (const [kind, value] of Object.entries(values))
        result.observe(instrument, value, { ...attributes, [name]: kind });
    };
    const idle = Math.max(0, stats.ready - stats.leased);
    kinds(instruments.count, 'db.client.connection.state', { idle, used: stats.leased });
    one(instruments.pending, stats.waiting);
    one(instruments.timeouts, stats.timeouts);
    kinds(instruments.connections, 'connman.connection.state', stats.states);
    one(instruments.dials, stats.dials);
    kinds(instruments.failedDials, 'connman.dial.phase', stats.failures);
    one(instruments.lives, stats.lives);
    kinds(instruments.resets, 'connman.reset.code', stats.resets);
    result.observe(instruments.io, stats.bytesRead, { ...attributes, 'network.io.direction': 'receive' });
    result.observe(instruments.io, stats.bytesWritten, { ...attributes, 'network.io.direction': 'transmit' });
    one(instruments.handlerErrors, stats.handlerErrors);
    one(instruments.refusedWrites, stats.refusedWrites);
  };
  meter.addBatchObservableCallback(observe, observables);
  const stops = [timeCreation(pool.name, meter), timeLeases(pool.name, meter)];
  return () => {
    meter.removeBatchObservableCallback(observe, observables);
    for (const stop of stops) stop();
  };
}

function instrumentsOf(meter: Meter) {
  const counter = (name: string, unit: string, description: string) =>
    meter.createObservableCounter(`connman.pool.${name}`, { unit, description });
  return {
    count: meter.createObservableUpDownCounter('db.client.connection.count', {
      unit: '{connection}',
      description: 'Ready connections, leased or not.',
    }),
    pending: meter.createObservableUpDownCounter('db.client.connection.pending_requests', {
      unit: '{request}',
      description: 'Calls that wait for a lease.',
    }),
    timeouts: meter.createObservableCounter('db.client.connection.timeouts', {
      unit: '{timeout}',
      description: 'Calls that got no lease before their deadline.',
    }),
    connections: meter.createObservableUpDownCounter('connman.pool.connections', {
      unit: '{connection}',
      description: 'Connections by state.',
    }),
    dials: counter('dials', '{dial}', 'Dials that have begun.'),
    failedDials: counter('failed_dials', '{dial}', 'Dials that have failed, by phase.'),
    lives: counter('lives', '{life}', 'Lives that have begun.'),
    resets: counter('resets', '{life}', 'Lives that have ended, by reason.'),
    io: counter('io', 'By', 'Bytes read, and given to the operating system to send.'),
    handlerErrors: counter('handler_errors', '{error}', 'Callbacks that threw or rejected.'),
    refusedWrites: counter('refused_writes', '{write}', 'Writes that were refused, as the link was down.'),
  };
}

/** Measures the wait for each lease, and its length. Returns a function that stops it. */
function timeLeases(name: string, meter: Meter): () => void {
  const attributes = { 'db.client.connection.pool.name': name };
  const waits = meter.createHistogram('db.client.connection.wait_time', {
    unit: 's',
    description: 'From the call of acquire() to the lease.',
  });
  const uses = meter.createHistogram('db.client.connection.use_time', {
    unit: 's',
    description: 'From the beginning of a lease to its end.',
  });
  const onAcquire = (message: unknown): void => {
    const { pool, waited } = message as ChannelPayloads['connman:pool:acquire'];
    if (pool === name) waits.record(waited / 1_000, attributes);
  };
  const onRelease = (message: unknown): void => {
    const { pool, held } = message as ChannelPayloads['connman:pool:release'];
    if (pool === name && held !== undefined) uses.record(held / 1_000, attributes);
  };
  subscribe('connman:pool:acquire', onAcquire);
  subscribe('connman:pool:release', onRelease);
  return () => {
    unsubscribe('connman:pool:acquire', onAcquire);
    unsubscribe('connman:pool:release', onRelease);
  };
}

/** Measures the time from each dial until the connection is ready. Returns a function that stops it. */
function timeCreation(name: string, meter: Meter): () => void {
  const histogram = meter.createHistogram('db.client.connection.create_time', {
    unit: 's',
    description: 'From the beginning of a dial until the connection is ready.',
  });
  const began = new Map<number, number>();
  const onDial = (message: unknown): void => {
    const { id, pool } = message as ChannelPayloads['connman:connection:dial'];
    if (pool === name) began.set(id, performance.now());
  };
  const onReady = (message: unknown): void => {
    const { id } = message as ChannelPayloads['connman:connection:ready'];
    const beganAt = began.get(id);
    if (beganAt === undefined) return;
    began.delete(id);
    histogram.record((performance.now() - beganAt) / 1_000, { 'db.client.connection.pool.name': name });
  };
  const onClose = (message: unknown): void => {
    began.delete((message as ChannelPayloads['connman:connection:close']).id);
  };
  subscribe('connman:connection:dial', onDial);
  subscribe('connman:connection:ready', onReady);
  subscribe('connman:connection:close', onClose);
  return () => {
    unsubscribe('connman:connection:dial', onDial);
    unsubscribe('connman:connection:ready', onReady);
    unsubscribe('connman:connection:close', onClose);
  };
}
