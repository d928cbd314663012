import { Balancer, chosenBy, roundRobin, type Choose } from '../balance/index.js';
import {
  connectionChecks,
  type Connection,
  type ConnectionOptions,
  type Handler,
} from '../connection/index.js';
import type { Discovery } from '../discovery/index.js';
import {
  check,
  instanceOf,
  integerFrom,
  milliseconds,
  readOptions,
  type Check,
} from '../primitives/checks.js';
import { readSubset, type Subset, type SubsetOptions } from './following/subset-options.js';

/** A source of endpoints, or what makes one: it is told, by the signal, when nobody listens any more. */
export type DiscoverySource = Discovery | ((signal: AbortSignal) => Discovery);

/** Options of a pool, and defaults for its connections; all times in milliseconds. */
export interface PoolOptions<H extends Handler = Handler> extends ConnectionOptions {
  /** Which endpoints there are, besides those of `addConnection()`. Default: none. */
  discovery?: DiscoverySource | undefined;
  /** How many connections go to each endpoint that discovery gives; to one of lower weight, fewer. Default 1. */
  perEndpoint?: number | undefined;
  /** Uses only so many of the endpoints that discovery gives: others in each program, always the same in one. Default: all. */
  subset?: number | SubsetOptions | undefined;
  /** How long leases on an endpoint that discovery has taken away may last on. Default 10 000. */
  drain?: number | undefined;
  /** Which ready connection is used next: by `pick()`, `acquire()` and `tryAcquire()`. Default `roundRobin()`. */
  pick?: Balancer<Connection<H>> | Choose<Connection<H>> | undefined;
  /** How long `acquire()` waits. Default 5 000. */
  acquireTimeout?: number | undefined;
  /** How many may wait in `acquire()` at a time. Default 1 000. */
  maxWaiters?: number | undefined;
  /** A lease that is held for longer is reported, with the place that took it. Default 0: never. */
  leakWarning?: number | undefined;
}

/** What a pool itself goes by. */
export interface PoolSettings {
  readonly discovery: DiscoverySource | undefined;
  readonly perEndpoint: number;
  readonly subset: Subset | undefined;
  readonly drain: number;
  readonly balancer: Balancer;
  readonly acquireTimeout: number;
  readonly maxWaiters: number;
  readonly leakWarning: number;
}

type OwnOptions = Omit<PoolOptions, keyof ConnectionOptions>;

/** How many connections to one endpoint there may be. */
export const connectionCount: Check = integerFrom(1, 100_000);

const discoverySource = check(
  'an AsyncIterable of lists of endpoints, or a function that makes one',
  (value) =>
    typeof value === 'function' ||
    (typeof value === 'object' &&
      value !== null &&
      typeof (value as Partial<Discovery>)[Symbol.asyncIterator] === 'function'),
);

const wayToPick = 'roundRobin(), leastLeased(), twoChoices(), random() or a function';

const balancer = instanceOf(Balancer, wayToPick, (each) => each.makePicker());

function balancerOrFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') balancer(name, value);
}

const checks: Readonly<Record<keyof OwnOptions, Check>> = {
  discovery: discoverySource,
  perEndpoint: connectionCount,
  subset: readSubset,
  drain: milliseconds,
  pick: balancerOrFunction,
  acquireTimeout: milliseconds,
  maxWaiters: integerFrom(0, Number.MAX_SAFE_INTEGER),
  leakWarning: milliseconds,
};

/** The options of a pool, checked: its own, and those of its connections. */
export function readPoolOptions<H extends Handler>(
  options: PoolOptions<H>,
): [settings: PoolSettings, connectionOptions: ConnectionOptions] {
  const all = readOptions<PoolOptions<H>>('options', options, { ...connectionChecks, ...checks });
  const rest = Object.entries(all).filter(([name]) => !Object.hasOwn(checks, name));
  return [settingsOf(all), Object.fromEntries(rest)];
}

function settingsOf<H extends Handler>(own: PoolOptions<H>): PoolSettings {
  return Object.freeze({
    discovery: own.discovery,
    perEndpoint: own.perEndpoint ?? 1,
    subset: own.subset === undefined ? undefined : readSubset('options.subset', own.subset),
    drain: own.drain ?? 10_000,
    balancer: typeof own.pick === 'function' ? chosenBy(own.pick as never) : (own.pick ?? roundRobin()),
    acquireTimeout: own.acquireTimeout ?? 5_000,
    maxWaiters: own.maxWaiters ?? 1_000,
    leakWarning: own.leakWarning ?? 0,
  });
}
