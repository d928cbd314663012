import type { Endpoint } from '../index.js';
import { isPathEndpoint } from '../primitives/endpoint.js';
import { check, isObject } from '../primitives/checks.js';
import { Scrape } from './families.js';
import { Places } from './places.js';
import { readMetrics, sourceOf, type Measured, type MetricsOptions, type Owner } from './source.js';
import {
  buckets,
  endpointMetrics,
  labelled,
  ownerMetrics,
  timings,
  type Metric,
  type Timing,
  type Values,
} from './table.js';

/** The attributes of a measurement. */
export type MeterAttributes = Record<string, string | number>;

/**
 * A `Meter` of `@opentelemetry/api`, as far as it is needed.
 *
 * @example
 * ```ts
 * import { metrics } from '@opentelemetry/api';
 * import type { OpenTelemetryMeter } from 'connman/metrics';
 *
 * export const meter: OpenTelemetryMeter = metrics.getMeter('connections');
 * ```
 */
export interface OpenTelemetryMeter {
  /** Makes a histogram. */
  createHistogram(
    name: string,
    options?: { unit?: string; description?: string; advice?: { explicitBucketBoundaries?: number[] } },
  ): { record(value: number, attributes?: MeterAttributes): void };
  /** Makes a counter that is read at each collection. */
  createObservableCounter(name: string, options?: { unit?: string; description?: string }): object;
  /** Makes a gauge, whose values may be added up, that is read at each collection. */
  createObservableUpDownCounter(name: string, options?: { unit?: string; description?: string }): object;
  /** Calls back at each collection. */
  addBatchObservableCallback(callback: (result: MeterResult) => void, instruments: object[]): void;
  /** Calls back no more. */
  removeBatchObservableCallback(callback: (result: MeterResult) => void, instruments: object[]): void;
}

/**
 * What a meter is told at a collection.
 *
 * @example
 * ```ts
 * import type { MeterResult, OpenTelemetryMeter } from 'connman/metrics';
 *
 * export function reportOne(meter: OpenTelemetryMeter): void {
 *   const instrument = meter.createObservableUpDownCounter('one');
 *   meter.addBatchObservableCallback((result: MeterResult) => result.observe(instrument, 1), [instrument]);
 * }
 * ```
 */
export interface MeterResult {
  /** Tells one value. */
  observe(instrument: object, value: number, attributes?: MeterAttributes): void;
}

const meterCheck = check(
  'a Meter of @opentelemetry/api',
  (value) => isObject(value) && 'createHistogram' in value && 'addBatchObservableCallback' in value,
);

/** Metrics that only the semantic conventions for client connection pools have. */
const conventional: readonly Metric<Owner['stats']>[] = [
  {
    name: '',
    otel: 'db.client.connection.count',
    unit: '{connection}',
    type: 'gauge',
    help: 'Ready connections: used is leased. What is shared by pick() is idle.',
    kinds: ['', 'db.client.connection.state'],
    read: (stats) =>
      'leased' in stats
        ? { idle: Math.max(0, stats.ready - stats.leased), used: stats.leased }
        : { idle: stats.ready, used: 0 },
  },
  {
    name: '',
    otel: 'db.client.connection.timeouts',
    unit: '{timeout}',
    type: 'counter',
    help: 'Calls that got no lease before their deadline.',
    read: (stats) => ('timeouts' in stats ? stats.timeouts : undefined),
  },
];

/**
 * Reports a manager, with its pools and its lone connections, or pools, to a meter of OpenTelemetry, at each collection. Names
 * that begin with `db.client.connection` are those of the semantic conventions. Measures until the returned function is called.
 * @throws `OptionError` for a wrong argument or option.
 *
 * @example
 * ```ts
 * import { metrics } from '@opentelemetry/api';
 * import { defaultManager } from 'connman';
 * import { openTelemetry } from 'connman/metrics';
 *
 * const stop = openTelemetry(defaultManager, metrics.getMeter('my-application'));
 * process.once('SIGTERM', stop);
 * ```
 */
export function openTelemetry(
  source: Measured,
  meter: OpenTelemetryMeter,
  options: MetricsOptions = {},
): () => void {
  const { endpoints } = readMetrics(options);
  const from = sourceOf(source);
  meterCheck('meter', meter);
  const places = new Places(endpoints);
  const owners = instruments([...conventional, ...ownerMetrics], meter);
  const ends = instruments(endpoints > 0 ? endpointMetrics : [], meter);
  const observe = (result: MeterResult): void => {
    const scrape = new Scrape(from, places);
    for (const owner of scrape.owners) {
      for (const [metric, instrument] of owners)
        tell(result, instrument, metric, attributesOf(owner.pool), metric.read(owner.stats));
      for (const { endpoint, values } of scrape.placesOf(owner)) {
        const attributes = { ...attributesOf(owner.pool), ...addressOf(endpoint) };
        for (const [metric, instrument] of ends) tell(result, instrument, metric, attributes, values(metric));
      }
    }
  };
  const observed = [...owners, ...ends].map(([, instrument]) => instrument);
  meter.addBatchObservableCallback(observe, observed);
  const stopTiming = from.time(recorder(meter));
  return () => {
    stopTiming();
    meter.removeBatchObservableCallback(observe, observed);
  };
}

function instruments<Stats>(
  metrics: readonly Metric<Stats>[],
  meter: OpenTelemetryMeter,
): [Metric<Stats>, object][] {
  return metrics.map((metric) => {
    const { otel, unit, help: description, type } = metric;
    const options = { unit, description };
    const instrument =
      type === 'counter'
        ? meter.createObservableCounter(otel, options)
        : meter.createObservableUpDownCounter(otel, options);
    return [metric, instrument];
  });
}

function recorder(meter: OpenTelemetryMeter): (what: Timing, pool: string, seconds: number) => void {
  const made = Object.entries(timings).map(([what, { otel, help }]) => {
    const advice = { explicitBucketBoundaries: [...buckets] };
    return [what, meter.createHistogram(otel, { unit: 's', description: help, advice })] as const;
  });
  const histograms = Object.fromEntries(made) as Record<Timing, (typeof made)[number][1]>;
  return (what, pool, seconds) => histograms[what].record(seconds, attributesOf(pool));
}

function tell<Stats>(
  result: MeterResult,
  instrument: object,
  metric: Metric<Stats>,
  attributes: MeterAttributes,
  values: Values,
): void {
  for (const { labels, value } of labelled(metric, 1, attributes, values))
    result.observe(instrument, value, labels);
}

/** Lone connections have no pool. */
function attributesOf(pool: string): MeterAttributes {
  return pool === '' ? {} : { 'db.client.connection.pool.name': pool };
}

function addressOf(endpoint: Endpoint | undefined): MeterAttributes {
  if (!endpoint) return { 'server.address': 'other' };
  if (isPathEndpoint(endpoint)) return { 'server.address': endpoint.path };
  return { 'server.address': endpoint.host, 'server.port': endpoint.port };
}
