/**
 * The metrics of pools for Prometheus, with prom-client. They are read at each scrape.
 *
 *     poolMetrics([pool], register);
 */
import type { PoolStats } from 'connman';
import { Counter, Gauge, type Registry } from 'prom-client';

/** The part of a pool that is measured. */
interface Measured {
  stats(): PoolStats;
}

/** The values of one metric: without a kind, or one for each kind. */
type Values = number | Readonly<Record<string, number>>;

interface Metric {
  readonly name: string;
  readonly help: string;
  /** The name of the label that tells the kinds apart. */
  readonly label?: string;
  readonly read: (stats: PoolStats) => Values;
}

const gauges: readonly Metric[] = [
  {
    name: 'connman_pool_connections',
    help: 'Connections by state.',
    label: 'state',
    read: ({ states }) => states,
  },
  {
    name: 'connman_pool_state',
    help: 'Whether the pool is up, degraded or down: 1 for its state.',
    label: 'state',
    read: ({ state }) => ({ up: 0, degraded: 0, down: 0, [state]: 1 }),
  },
  { name: 'connman_pool_leased', help: 'Leased connections.', read: ({ leased }) => leased },
  { name: 'connman_pool_waiting', help: 'Calls that wait for a lease.', read: ({ waiting }) => waiting },
  {
    name: 'connman_pool_unsent_bytes',
    help: 'Bytes that wait to be sent.',
    read: ({ unsentBytes }) => unsentBytes,
  },
];

const counters: readonly Metric[] = [
  { name: 'connman_pool_leases_total', help: 'Leases so far.', read: ({ leases }) => leases },
  {
    name: 'connman_pool_interrupted_leases_total',
    help: 'Leases whose life has ended before they did.',
    read: ({ interrupted }) => interrupted,
  },
  {
    name: 'connman_pool_waits_total',
    help: 'Calls that had to wait for a lease.',
    read: ({ waits }) => waits,
  },
  {
    name: 'connman_pool_failed_acquires_total',
    help: 'Calls that got no lease, by reason.',
    label: 'why',
    read: ({ timeouts, refusals, failedAcquires }) => ({
      timeout: timeouts,
      full: refusals,
      other: failedAcquires,
    }),
  },
  { name: 'connman_pool_dials_total', help: 'Dials that have begun.', read: ({ dials }) => dials },
  {
    name: 'connman_pool_failed_dials_total',
    help: 'Dials that have failed, by phase.',
    label: 'phase',
    read: ({ failures }) => failures,
  },
  { name: 'connman_pool_lives_total', help: 'Lives that have begun.', read: ({ lives }) => lives },
  {
    name: 'connman_pool_resets_total',
    help: 'Lives that have ended, by reason.',
    label: 'code',
    read: ({ resets }) => resets,
  },
  { name: 'connman_pool_read_bytes_total', help: 'Bytes read.', read: ({ bytesRead }) => bytesRead },
  {
    name: 'connman_pool_written_bytes_total',
    help: 'Bytes given to the operating system to send.',
    read: ({ bytesWritten }) => bytesWritten,
  },
  {
    name: 'connman_pool_handler_errors_total',
    help: 'Callbacks that threw or rejected.',
    read: ({ handlerErrors }) => handlerErrors,
  },
  {
    name: 'connman_pool_refused_writes_total',
    help: 'Writes that were refused, as the link was down.',
    read: ({ refusedWrites }) => refusedWrites,
  },
];

/** Registers the metrics of some pools, each with the label `pool`. Call it once for each registry. */
export function poolMetrics(pools: Iterable<Measured>, registry: Registry): void {
  const snapshots = onceForAll(() => [...pools].map((pool) => pool.stats()));
  for (const metric of gauges) {
    const gauge: Gauge = new Gauge({
      ...described(metric, registry),
      collect: () => tell(snapshots(), metric, (labels, value) => gauge.set(labels, value)),
    });
  }
  for (const metric of counters) {
    const counter: Counter = new Counter({
      ...described(metric, registry),
      collect: () => {
        // A counter of prom-client can only be added to; connman's own never become less.
        counter.reset();
        tell(snapshots(), metric, (labels, value) => counter.inc(labels, value));
      },
    });
  }
}

/** Takes the snapshots once for each scrape: prom-client collects all metrics in one turn. */
function onceForAll(take: () => PoolStats[]): () => PoolStats[] {
  let taken: PoolStats[] | undefined;
  return () => {
    if (!taken) queueMicrotask(() => (taken = undefined));
    return (taken ??= take());
  };
}

function described({ name, help, label }: Metric, registry: Registry) {
  return { name, help, labelNames: label ? ['pool', label] : ['pool'], registers: [registry] };
}

function tell(
  snapshots: readonly PoolStats[],
  { label, read }: Metric,
  setValue: (labels: Record<string, string>, value: number) => void,
): void {
  for (const stats of snapshots) {
    const { name: pool } = stats;
    const values = read(stats);
    if (typeof values === 'number') setValue({ pool }, values);
    else
      for (const [kind, value] of Object.entries(values)) setValue({ pool, [label as string]: kind }, value);
  }
}
