import {
  Balancer,
  chosenBy,
  leastLeased,
  random,
  roundRobin,
  twoChoices,
  type Choose,
} from '../balance/index.js';
import {
  adviceOnOption,
  connectionChecks,
  type Connection,
  type ConnectionOptions,
  type Handler,
} from '../connection/index.js';
import {
  abortSignal,
  boolean,
  callable,
  check,
  instanceOf,
  integerFrom,
  longestDelay,
  milliseconds,
  readOptions,
  type Check,
} from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import type { AllowEndpoint } from './following/allowed.js';
import { isDiscovery, type DiscoverySource } from './following/discovery-subscription.js';
import { readPerEndpoint, type Elastic, type ElasticOptions } from './following/elastic-options.js';
import type { FollowSettings } from './following/reconciler.js';
import { readSubset, type SubsetOptions } from './following/subset-options.js';
import type { LeaseSettings } from './leases/host.js';

/**
 * Options of a pool. Options of a connection are the defaults for all connections of the pool. All times are in milliseconds,
 * and an option that is `undefined` counts as absent.
 */
export interface PoolOptions<H extends Handler = Handler> extends ConnectionOptions<H> {
  /**
   * A source of endpoints. The pool opens a connection to each, and closes those whose endpoints are gone. Connections of
   * `addConnection()` are not affected.
   * @default none
   */
  discovery?: DiscoverySource | undefined;
  /**
   * Says whether a discovered endpoint may be dialled: only those for which it returns `true` are. If it throws, the snapshot
   * counts as failed.
   * @default every host and port; a `path`, or a `servername` other than the host, only if the source itself vouches for it, as
   * `staticEndpoints()` and those of `connman/discovery` that follow the DNS do
   */
  allowEndpoint?: AllowEndpoint | undefined;
  /**
   * How long the last good snapshot still holds once discovery fails or has an empty answer. After that, the connections that
   * discovery has brought are drained.
   * @default Infinity
   */
  maxStale?: number | undefined;
  /**
   * How many connections the pool opens to each discovered endpoint, from 1 to 100 000; fewer to one of lower weight. With `min`
   * and `max`, it opens more while callers wait and the endpoint is well, and closes what was of no use for `idle`.
   * @default 1
   */
  perEndpoint?: number | ElasticOptions | undefined;
  /**
   * Uses only this many of the discovered endpoints: the same ones while the process runs, others in other processes.
   * @default all
   */
  subset?: number | SubsetOptions | undefined;
  /**
   * How long what is under way may take before a life is ended as planned: by discovery, `resize()`, `maxAge` or `retire()`; and
   * how long a lease may be held after the end of its life, before another connection takes the place of its own.
   * @default 10_000
   */
  drain?: number | undefined;
  /**
   * Chooses the next ready connection for `pick()`, `acquire()` and `tryAcquire()`: a balancer, or a function that gets the
   * candidates and returns one of them.
   * @default roundRobin()
   */
  pick?: Balancer<Connection<H>> | Choose<Connection<H>> | undefined;
  /**
   * The part of the endpoints of a priority that has to be ready, by weight, from more than 0 to 1. While less is ready, they get
   * less of the picks and leases, in proportion, and the next priority gets the rest. Where a new snapshot has other endpoints,
   * the old ones stay in use until this part of the new ones is ready.
   * @default none: one ready connection is enough
   */
  spill?: number | undefined;
  /**
   * How long `acquire()` waits for a free connection.
   * @default 5_000
   */
  acquireTimeout?: number | undefined;
  /**
   * How many calls of `acquire()` may wait at the same time. The next one rejects with a `QueueFullError`, unless there are more
   * connections that dial for the first time. So 0 means: wait for a first dial, but not behind others.
   * @default 1_000
   */
  maxWaiters?: number | undefined;
  /**
   * A lease that is held for longer than this is reported as a process warning, with the stack of the call that took it.
   * @default 0, which means never
   */
  leakWarning?: number | undefined;
  /**
   * Whether the servers speak unasked. Without it, a life is ended before it is lent if input came since its last lease although
   * nothing was written since: it may be the rest of an answer to that lease.
   * @default false
   */
  pushes?: boolean | undefined;
  /**
   * Aborting it disconnects the pool, as `pool.disconnect()` does; its reason is the `reason`, if that is an `Error`. The option
   * `signal` of `addConnection()` disconnects that connection only.
   */
  signal?: AbortSignal | undefined;
}

/** The options of the pool itself, complete. */
export interface PoolSettings extends FollowSettings, LeaseSettings {
  readonly discovery: DiscoverySource | undefined;
  readonly elastic: Elastic;
  readonly balancer: Balancer;
  readonly spill: number;
  readonly signal: AbortSignal | undefined;
}

type OwnOptions = Omit<PoolOptions, Exclude<keyof ConnectionOptions, 'signal'>>;

const discoverySource = check(
  'an AsyncIterable of lists of endpoints, such as staticEndpoints([…]), or a function that makes one',
  (value) => typeof value === 'function' || isDiscovery(value),
);

const wayToPick = 'roundRobin(), leastLeased(), twoChoices(), random() or a function';

const balancer = instanceOf(Balancer, wayToPick, (each) => each.makePicker());

const balancers: readonly unknown[] = [roundRobin, leastLeased, twoChoices, random];

function balancerOrFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') balancer(name, value);
  else if (balancers.includes(value))
    throw new OptionError(name, wayToPick, value, `${value.name} (call it)`);
}

const staleness = check(
  `milliseconds from 1 to ${longestDelay}, or Infinity`,
  (value) => value === Infinity || (typeof value === 'number' && value >= 1 && value <= longestDelay),
);

const checks: Readonly<Record<keyof OwnOptions, Check>> = {
  discovery: discoverySource,
  allowEndpoint: callable,
  maxStale: staleness,
  perEndpoint: readPerEndpoint,
  subset: readSubset,
  drain: milliseconds,
  pick: balancerOrFunction,
  spill: check('a number above 0, up to 1', (value) => typeof value === 'number' && value > 0 && value <= 1),
  acquireTimeout: milliseconds,
  maxWaiters: integerFrom(0, Number.MAX_SAFE_INTEGER),
  leakWarning: milliseconds,
  pushes: boolean,
  signal: abortSignal,
};

/** Checks the options of a pool, and separates its own from those of its connections. */
export function readPoolOptions<H extends Handler>(
  options: PoolOptions<H>,
): [settings: PoolSettings, connectionOptions: ConnectionOptions] {
  const table = { ...connectionChecks, ...checks };
  const all = readOptions<PoolOptions<H>>('options', options, table, adviceOnOption);
  const rest = Object.entries(all).filter(([name]) => !Object.hasOwn(checks, name));
  if (all.perEndpoint !== undefined && all.discovery === undefined) {
    const got = 'none (without it, addConnection() adds each connection)';
    throw new OptionError('options.discovery', 'a source of endpoints for perEndpoint', undefined, got);
  }
  return [settingsOf(all), Object.fromEntries(rest)];
}

function settingsOf<H extends Handler>(own: PoolOptions<H>): PoolSettings {
  const elastic = readPerEndpoint('options.perEndpoint', own.perEndpoint ?? 1);
  return Object.freeze({
    discovery: own.discovery,
    allowEndpoint: own.allowEndpoint,
    maxStale: own.maxStale ?? Infinity,
    perEndpoint: elastic.min,
    elastic,
    subset: own.subset === undefined ? undefined : readSubset('options.subset', own.subset),
    drain: own.drain ?? 10_000,
    balancer: typeof own.pick === 'function' ? chosenBy(own.pick as never) : (own.pick ?? roundRobin()),
    spill: own.spill ?? 0,
    acquireTimeout: own.acquireTimeout ?? 5_000,
    maxWaiters: own.maxWaiters ?? 1_000,
    leakWarning: own.leakWarning ?? 0,
    pushes: own.pushes ?? false,
    signal: own.signal,
  });
}
