import * as fc from 'fast-check';
import { checkHandler } from '../../src/connection/handler/check-handler.js';
import {
  readDisconnect,
  resolveOptions,
  type ResolvedOptions,
} from '../../src/connection/options/options.js';
import { readDnsServicesOptions, type DnsSettings } from '../../src/dns/dns-options.js';
import { readSnapshot, type DiscoveredEndpoint } from '../../src/discovery/index.js';
import { dnsAddresses } from '../../src/dns/index.js';
import {
  constant,
  ConnectionManager,
  exponential,
  type Backoff,
  type Connection,
  type PoolOptions,
} from '../../src/index.js';
import { readPoolOptions, type PoolSettings } from '../../src/pool/options.js';
import { endpointsArguments, type Endpoint } from '../../src/primitives/endpoint.js';
import { handler } from '../support/bad-arguments.js';
import { call, unchecked } from '../support/call.js';
import { hostile, type Hostile } from './hostile.js';
import { objectWith } from './objects.js';

/** A call that reads what the user gives it. */
export interface Attempt {
  readonly label: string;
  /** Returns what is wrong with the result, if anything. */
  readonly run: () => string | undefined;
}

/** The names that a reader knows, which its error lists for an unknown one. */
function namesOf(read: (unknown: object) => unknown): readonly string[] {
  try {
    read({ noSuchName: 1 });
  } catch (error) {
    const names = /only the options (.*), got/.exec((error as Error).message)?.[1];
    if (names) return names.split(', ');
  }
  throw new Error('BUG: names without an end');
}

const exponentialNames = namesOf((options) => exponential(options));
const constantNames = namesOf((options) => constant(1, options));
const onreadNames = namesOf((onread) => resolveOptions({ onread: unchecked(onread) }));
const heartbeatNames = namesOf((heartbeat) => resolveOptions({ heartbeat: unchecked(heartbeat) }));
const tlsNames = namesOf((tls) => resolveOptions({ tls }));
const endpointNames = namesOf((endpoint) => endpointsArguments([endpoint]));
const snapshotNames = namesOf((each) => readSnapshot([each]));
const dnsNames = namesOf((given) => readDnsServicesOptions(unchecked(given)));
const optionNames = namesOf((options) => resolveOptions(options));
const handlerNames = ['onConnect', 'onReset', 'onReconnect', 'onData', 'onRetry', 'onClose', 'onError'];

const of = (value: unknown, label = String(value)): fc.Arbitrary<Hostile> =>
  fc.constant({ label, make: () => value });
const ping = of(() => undefined, 'a function');

const heartbeat = objectWith(heartbeatNames, { interval: of(5), ping });
const onread = objectWith(onreadNames, { buffer: of(Buffer.alloc(9), 'a buffer'), callback: ping });
const backoff = objectWith([...exponentialNames, 'delay', 'next'], {
  initial: of(5),
  delay: of(5),
  next: ping,
});
const tls = objectWith(tlsNames);
const options = objectWith(optionNames, { heartbeat, onread, backoff, tls });
const host = of('127.0.0.1');
const endpoint = objectWith(endpointNames, { host, port: of(80), path: of('/x') });
const wholeHandler = of(handler, 'a handler');
const anyHandler = objectWith(handlerNames, Object.fromEntries(handlerNames.map((name) => [name, ping])));

/** Short lists of such values. */
function listOf(...values: readonly fc.Arbitrary<Hostile>[]): fc.Arbitrary<Hostile> {
  return fc.array(fc.oneof(...values), { maxLength: 3 }).map((list) => ({
    label: `[${list.map(({ label }) => label).join(', ')}]`,
    make: () => list.map(({ make }) => make()),
  }));
}

const anyEndpoint = fc.oneof(
  { weight: 3, arbitrary: endpoint },
  { weight: 2, arbitrary: hostile },
  { weight: 1, arbitrary: listOf(endpoint, hostile) },
);

const discovered = objectWith(snapshotNames, { host, port: of(80), path: of('/x'), weight: of(2) });
const anySnapshot = fc.oneof(
  { weight: 1, arbitrary: hostile },
  { weight: 4, arbitrary: listOf(discovered, discovered, hostile) },
);
const poolOptions = objectWith(
  namesOf((given) => readPoolOptions(unchecked<PoolOptions>(given))),
  { heartbeat, onread, backoff, tls, subset: objectWith(['size', 'key'], { size: of(5) }) },
);
const dnsOptions = objectWith(dnsNames, { servers: of(['::1'], 'a list of one'), timeout: of(5) });

const anyOptions = fc.oneof({ weight: 9, arbitrary: options }, { weight: 1, arbitrary: hostile });

function attempt(
  label: string,
  values: readonly fc.Arbitrary<Hostile>[],
  run: (...args: unknown[]) => string | undefined,
): fc.Arbitrary<Attempt> {
  return fc.tuple(...values).map((made) => ({
    label: `${label}(${made.map((value) => value.label).join(', ')})`,
    run: () => run(...made.map(({ make }) => make())),
    [fc.toStringMethod]: () => `${label}(${made.map((value) => value.label).join(', ')})`,
  }));
}

const isTime = (value: unknown, from = 0): boolean =>
  typeof value === 'number' && value >= from && value <= 2_147_483_647;

function faultOfOptions(resolved: ResolvedOptions): string | undefined {
  const { connectTimeout, handshakeTimeout, stableAfter, timeout, maxAttempts, maxBuffered, liveness } =
    resolved;
  if (![connectTimeout, handshakeTimeout].every((time) => isTime(time, 1))) return 'no time';
  if (![stableAfter, timeout].every((time) => isTime(time))) return 'no time';
  if (!(maxAttempts >= 1) || !(maxBuffered >= 1)) return 'no count';
  if (liveness && !isTime(liveness.period)) return `a sweep every ${liveness.period} ms`;
  const { interval, timeout: patience, idle } = liveness?.limits ?? { interval: 1, timeout: 1, idle: 1 };
  if (![interval, patience, idle].every((time) => time > 0)) return 'a limit of no time';
  const { onread: reading } = resolved.socket;
  if (reading && typeof reading.callback !== 'function') return 'no callback';
  return Object.isFrozen(resolved) ? undefined : 'not frozen';
}

function faultOfEndpoint({ host: name, port, path }: Endpoint): string | undefined {
  if (path !== undefined) return typeof path === 'string' && path.length > 0 ? undefined : 'no path';
  return typeof name === 'string' && Number.isInteger(port) ? undefined : 'neither host and port nor path';
}

function faultOfBackoff({ delay, next }: Backoff): string | undefined {
  return isTime(delay) && typeof next === 'function' ? undefined : 'no backoff';
}

/** Options with a signal that is aborted already: nothing is dialled. */
function neverDialling(value: unknown): unknown {
  return { ...(value as object), signal: AbortSignal.abort() };
}

function faultOfConnection(connection: unknown): string | undefined {
  const { state, endpoint: chosen } = connection as Connection;
  return state === 'closing' || state === 'closed'
    ? faultOfEndpoint(chosen)
    : `a connection that is ${state}`;
}

function faultOfSnapshot(snapshot: readonly DiscoveredEndpoint[]): string | undefined {
  if (![snapshot, ...snapshot].every(Object.isFrozen)) return 'not frozen';
  const isSound = ({ weight = 1, priority = 0, servername = 'x' }: DiscoveredEndpoint): boolean =>
    Number.isFinite(weight) && weight >= 0 && Number.isInteger(priority) && typeof servername === 'string';
  return snapshot.every(isSound) ? snapshot.map(faultOfEndpoint).find((fault) => fault) : 'no extras';
}

function faultOfDnsSettings({ servers, timeout, minRefresh, maxRefresh }: DnsSettings): string | undefined {
  if (servers && !servers.every((each) => typeof each === 'string')) return 'no addresses';
  if (![timeout, minRefresh, maxRefresh].every((each) => isTime(each, 1))) return 'no time';
  return minRefresh > maxRefresh ? 'bounds that exclude everything' : undefined;
}

function faultOfSettings(settings: PoolSettings): string | undefined {
  const { perEndpoint, drain, acquireTimeout, maxWaiters, leakWarning, subset, balancer } = settings;
  if (![drain, acquireTimeout, leakWarning].every((time) => isTime(time))) return 'no time';
  if (!Number.isInteger(perEndpoint) || !Number.isInteger(maxWaiters)) return 'no count';
  if (subset && (!Number.isInteger(subset.size) || typeof subset.key !== 'string')) return 'no subset';
  balancer.makePicker();
  return Object.isFrozen(settings) ? undefined : 'not frozen';
}

const manager = new ConnectionManager();
let pools = 0;

function addToPool(where: unknown, defaults: unknown, overrides: unknown): string | undefined {
  const name = `pool ${++pools}`;
  call(manager, 'createPool', name, () => handler, neverDialling(defaults));
  const pool = manager.getPool(name);
  // Its signal was aborted already.
  if (!pool) return undefined;
  try {
    return faultOfConnection(call(pool, 'addConnection', where, neverDialling(overrides)));
  } finally {
    void call(pool, 'disconnect', { grace: 0 });
  }
}

/** A call of any reader with any value. */
export const anyAttempt: fc.Arbitrary<Attempt> = fc.oneof(
  {
    weight: 40,
    arbitrary: attempt('resolveOptions', [anyOptions], (given) =>
      faultOfOptions(resolveOptions(unchecked(given))),
    ),
  },
  {
    weight: 20,
    arbitrary: attempt('endpointsArguments', [anyEndpoint, hostile], (first, second) => {
      const { target } = endpointsArguments([first, second, handler]);
      return [target]
        .flat()
        .map(faultOfEndpoint)
        .find((fault) => fault !== undefined);
    }),
  },
  {
    weight: 10,
    arbitrary: attempt('checkHandler', [fc.oneof(anyHandler, hostile)], (given) => {
      checkHandler(given);
      return undefined;
    }),
  },
  {
    weight: 4,
    arbitrary: attempt('exponential', [fc.oneof(objectWith(exponentialNames), hostile)], (given) =>
      faultOfBackoff(exponential(unchecked(given))),
    ),
  },
  {
    weight: 4,
    arbitrary: attempt('constant', [hostile, fc.oneof(objectWith(constantNames), hostile)], (delay, given) =>
      faultOfBackoff(constant(unchecked(delay), unchecked(given))),
    ),
  },
  {
    weight: 4,
    arbitrary: attempt('readPoolOptions', [fc.oneof(poolOptions, hostile)], (given) =>
      faultOfSettings(readPoolOptions(unchecked<PoolOptions>(given))[0]),
    ),
  },
  {
    weight: 4,
    arbitrary: attempt('readDisconnect', [fc.oneof(objectWith(['grace', 'reason']), hostile)], (given) => {
      const { grace, reason } = readDisconnect(unchecked(given));
      if (grace !== undefined && !isTime(grace)) return 'no grace';
      return reason === undefined || reason instanceof Error ? undefined : 'no reason';
    }),
  },
  {
    weight: 8,
    arbitrary: attempt('readSnapshot', [anySnapshot], (given) => faultOfSnapshot(readSnapshot(given))),
  },
  {
    weight: 4,
    arbitrary: attempt('dnsServices', [fc.oneof(dnsOptions, hostile)], (given) =>
      faultOfDnsSettings(readDnsServicesOptions(unchecked(given))[0]),
    ),
  },
  {
    weight: 2,
    arbitrary: attempt('dnsAddresses', [hostile, hostile], (name, port) => {
      dnsAddresses(unchecked(name), unchecked(port));
      return undefined;
    }),
  },
  {
    weight: 3,
    arbitrary: attempt(
      'connect',
      [anyEndpoint, fc.oneof(wholeHandler, anyHandler), options],
      (where, given, how) => faultOfConnection(call(manager, 'connect', where, given, neverDialling(how))),
    ),
  },
  {
    weight: 3,
    arbitrary: attempt('connect', [hostile, hostile, wholeHandler, options], (port, name, given, how) =>
      faultOfConnection(call(manager, 'connect', port, name, given, neverDialling(how))),
    ),
  },
  { weight: 2, arbitrary: attempt('addConnection', [anyEndpoint, options, options], addToPool) },
);
