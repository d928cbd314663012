import type { EndpointStats, LoneEndpointStats, LoneStats, PoolStats } from '../index.js';

/** The values of one metric: without a kind, or one for each kind. Without any: it makes no sense there. */
export type Values = number | Readonly<Record<string, number>> | undefined;

/** One value with its labels. */
export interface Labelled<Labels> {
  readonly labels: Labels;
  readonly value: number;
}

/** The values of a metric, each with these labels and with that of its kind: for Prometheus 0, for OpenTelemetry 1. */
export function labelled<Labels extends Readonly<Record<string, string | number>>>(
  { kinds }: Pick<Metric<never>, 'kinds'>,
  system: 0 | 1,
  labels: Labels,
  values: Values,
): Labelled<Labels>[] {
  if (values === undefined) return [];
  if (typeof values === 'number') return [{ labels, value: values }];
  const name = kinds?.[system] as string;
  return Object.entries(values).map(([kind, value]) => ({ labels: { ...labels, [name]: kind }, value }));
}

/** A metric that is read from a snapshot, with its names for both systems. */
export interface Metric<Stats> {
  /** For Prometheus, after `connman_`. */
  readonly name: string;
  /** For OpenTelemetry. */
  readonly otel: string;
  readonly unit: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** The label and the attribute that tell the kinds apart. */
  readonly kinds?: readonly [label: string, attribute: string];
  read(stats: Stats): Values;
}

/** A pool, or all lone connections of a manager. */
export type OwnerStats = PoolStats | LoneStats;

/** The connections of an owner to one endpoint. */
export type PlaceStats = EndpointStats | LoneEndpointStats;

const phase = ['phase', 'connman.dial.phase'] as const;
const code = ['code', 'connman.reset.code'] as const;

/** What owners and endpoints have in common: their counters. */
type Counting = Pick<
  PoolStats,
  | 'dials'
  | 'failures'
  | 'lives'
  | 'resets'
  | 'bytesRead'
  | 'bytesWritten'
  | 'lostRequests'
  | 'refusedWrites'
  | 'handlerErrors'
>;

const counters: readonly Metric<Counting>[] = [
  counter('dials', '{dial}', 'Dials that have begun.', ({ dials }) => dials),
  {
    ...counter('failed_dials', '{dial}', 'Dials that have failed, by phase.', ({ failures }) => failures),
    kinds: phase,
  },
  counter('lives', '{life}', 'Lives that have begun: links that came up.', ({ lives }) => lives),
  {
    ...counter('resets', '{life}', 'Lives that have ended, by reason.', ({ resets }) => resets),
    kinds: code,
  },
  {
    ...counter('io_bytes', 'By', 'Bytes read, and bytes given to the operating system.', (stats) => ({
      receive: stats.bytesRead,
      transmit: stats.bytesWritten,
    })),
    otel: 'connman.io',
    kinds: ['direction', 'network.io.direction'],
  },
  counter('lost_requests', '{request}', 'Requests that got no answer, as their life ended.', (stats) => {
    return stats.lostRequests;
  }),
  counter('refused_writes', '{write}', 'Writes that were refused, as the link was down.', (stats) => {
    return stats.refusedWrites;
  }),
  counter('handler_errors', '{error}', 'Callbacks that threw or rejected.', (stats) => stats.handlerErrors),
];

const leaseCounters: readonly Metric<OwnerStats>[] = [
  counter('leases', '{lease}', 'Leases that were given.', (stats) => inPool(stats)?.leases),
  counter('interrupted_leases', '{lease}', 'Leases whose life has ended before they did.', (stats) => {
    return inPool(stats)?.interrupted;
  }),
  counter('waits', '{call}', 'Calls that had to wait for a lease.', (stats) => inPool(stats)?.waits),
  {
    ...counter('failed_acquires', '{call}', 'Calls that got no lease, by reason.', (stats) => {
      const pool = inPool(stats);
      return pool && { timeout: pool.timeouts, full: pool.refusals, other: pool.failedAcquires };
    }),
    kinds: ['why', 'connman.acquire.failure'],
  },
];

const gauges: readonly Metric<OwnerStats>[] = [
  {
    ...gauge('connections', '{connection}', 'Connections by state.', ({ states }) => states),
    kinds: ['state', 'connman.connection.state'],
  },
  {
    ...gauge('pool_state', '1', 'Whether a pool is up, degraded or down: 1 for its state.', (stats) => {
      const pool = inPool(stats);
      return pool && { up: 0, degraded: 0, down: 0, [pool.state]: 1 };
    }),
    kinds: ['state', 'connman.pool.state'],
  },
  gauge('pool_not_up_seconds', 's', 'For how long a pool has not been up; 0 while it is.', (stats) => {
    return inPool(stats) && secondsNotUp(stats as PoolStats);
  }),
  gauge('leased', '{connection}', 'Leased connections.', (stats) => inPool(stats)?.leased),
  {
    ...gauge('waiting', '{request}', 'Calls that wait for a lease.', (stats) => inPool(stats)?.waiting),
    otel: 'db.client.connection.pending_requests',
  },
  gauge('unsent_bytes', 'By', 'Bytes that wait to be sent.', ({ unsentBytes }) => unsentBytes),
];

const discovery: readonly Metric<OwnerStats>[] = [
  gauge('discovery_age_seconds', 's', 'Since the last good answer of discovery, changed or not.', (stats) => {
    const age = inPool(stats)?.discovery?.age;
    return age === undefined ? undefined : age / 1_000;
  }),
  gauge('discovery_failures_in_row', '{failure}', 'Failures since the last good answer.', (stats) => {
    return inPool(stats)?.discovery?.failuresInRow;
  }),
  counter('discovery_failures', '{failure}', 'Times that discovery failed, wholly or in part.', (stats) => {
    return inPool(stats)?.discovery?.failures;
  }),
  gauge('discovery_wanted', '{connection}', 'Connections that the last answer wants.', (stats) => {
    return inPool(stats)?.discovery?.wanted;
  }),
  gauge('discovery_missing', '{connection}', 'Wanted connections that the pool does not have.', (stats) => {
    return inPool(stats)?.discovery?.missing;
  }),
];

/** What is told of each pool, and of the lone connections. */
export const ownerMetrics: readonly Metric<OwnerStats>[] = [
  ...gauges,
  ...discovery,
  ...leaseCounters,
  ...counters,
];

/** What is told of each endpoint. */
export const endpointMetrics: readonly Metric<PlaceStats>[] = [
  gauge('endpoint_connections', '{connection}', 'Connections to an endpoint.', ({ size }) => size),
  gauge('endpoint_ready', '{connection}', 'Ready connections to an endpoint.', ({ ready }) => ready),
  gauge(
    'endpoint_not_up_seconds',
    's',
    'For how long an endpoint has not been up; 0 while it is.',
    (stats) => {
      return 'state' in stats ? secondsNotUp(stats) : undefined;
    },
  ),
  counter(
    'endpoint_interrupted_leases',
    '{lease}',
    'Leases whose life has ended before they did.',
    (stats) => {
      return stats.interrupted;
    },
  ),
  ...counters.map(ofEndpoint),
];

/** The same counter, told of an endpoint. */
function ofEndpoint(metric: Metric<Counting>): Metric<PlaceStats> {
  const name = `endpoint_${metric.name}`;
  return { ...metric, name, otel: metric.otel.replace('connman.', 'connman.endpoint.') };
}

function counter<Stats>(
  name: string,
  unit: string,
  help: string,
  read: (stats: Stats) => Values,
): Metric<Stats> {
  return { name: `${name}_total`, otel: otelName(name), unit, type: 'counter', help, read };
}

function gauge<Stats>(
  name: string,
  unit: string,
  help: string,
  read: (stats: Stats) => Values,
): Metric<Stats> {
  return { name, otel: otelName(name), unit, type: 'gauge', help, read };
}

/** Without the unit, which OpenTelemetry adds itself. */
function otelName(name: string): string {
  return `connman.${name.replace(/^(endpoint|pool|discovery)_/, '$1.').replace(/_seconds$/, '')}`;
}

function inPool(stats: OwnerStats): PoolStats | undefined {
  return 'name' in stats ? stats : undefined;
}

function secondsNotUp({ notUpSince, size }: Pick<PoolStats, 'notUpSince' | 'size'>): number {
  // Before its first connection, a pool is not in trouble.
  if (notUpSince === undefined || size === 0) return 0;
  return Math.max(0, performance.timeOrigin + performance.now() - notUpSince) / 1_000;
}

/** What is timed, one by one: how long a lease is waited for, how long it is held, how long a connection takes to be ready. */
export const timings = {
  wait: {
    name: 'lease_wait_seconds',
    otel: 'db.client.connection.wait_time',
    help: 'From the call of acquire() to the lease.',
  },
  held: {
    name: 'lease_held_seconds',
    otel: 'db.client.connection.use_time',
    help: 'From the beginning of a lease to its end.',
  },
  connect: {
    name: 'connect_seconds',
    otel: 'db.client.connection.create_time',
    help: 'From the beginning of a dial until the connection is ready.',
  },
} as const;

/** The name of something that is timed. */
export type Timing = keyof typeof timings;

/** The upper bounds of the buckets, in seconds. */
export const buckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
