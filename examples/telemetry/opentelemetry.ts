/**
 * The metrics of a pool for OpenTelemetry, with the API alone; which SDK exports them is up to the program.
 *
 *     const stop = observePool(pool, metrics.getMeter('my-program'));
 *
 * Two names are those of the semantic conventions for client connection pools. Their states `idle` and `used` are of
 * connections that are lent to one user at a time; those of connman are shared, so the states are connman's own.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import type { ChannelPayloads, PoolStats } from 'connman';

/** What is measured: a pool. */
interface Measured {
  readonly name: string;
  stats(): PoolStats;
}

/** Tells the meter of a pool whenever metrics are collected, until the function that it returns is called. */
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
    kinds(instruments.count, 'db.client.connection.state', stats.states);
    one(instruments.dials, stats.dials);
    kinds(instruments.failedDials, 'connman.dial.phase', stats.failures);
    one(instruments.lives, stats.lives);
    kinds(instruments.resets, 'connman.reset.code', stats.resets);
    result.observe(instruments.io, stats.bytesRead, { ...attributes, 'network.io.direction': 'receive' });
    result.observe(instruments.io, stats.bytesWritten, { ...attributes, 'network.io.direction': 'transmit' });
    one(instruments.handlerErrors, stats.handlerErrors);
  };
  meter.addBatchObservableCallback(observe, observables);
  const stopTiming = timeCreation(pool.name, meter);
  return () => {
    meter.removeBatchObservableCallback(observe, observables);
    stopTiming();
  };
}

function instrumentsOf(meter: Meter) {
  const counter = (name: string, unit: string, description: string) =>
    meter.createObservableCounter(`connman.pool.${name}`, { unit, description });
  return {
    count: meter.createObservableUpDownCounter('db.client.connection.count', {
      unit: '{connection}',
      description: 'Connections by state.',
    }),
    dials: counter('dials', '{dial}', 'Dials that have begun.'),
    failedDials: counter('failed_dials', '{dial}', 'Dials that have failed, by how far they had come.'),
    lives: counter('lives', '{life}', 'Lives that have begun.'),
    resets: counter('resets', '{life}', 'Lives that have ended, by why.'),
    io: counter('io', 'By', 'Bytes read, and given to the operating system to send.'),
    handlerErrors: counter('handler_errors', '{error}', 'Callbacks that threw or rejected.'),
  };
}

/** Measures how long connections of a pool take from a dial until they are ready; returns what ends it. */
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
