import type { ConnectionOptions, Endpoint } from '../index.js';
import {
  check,
  filledString,
  isObject,
  itemsOf,
  oneOf,
  positiveMilliseconds,
  readOptions,
  type Check,
} from '../primitives/checks.js';
import { formatEndpoint, formatHostPort, parseTarget, toEndpoint } from '../primitives/endpoint.js';
import { DiscoveryError, OptionError, withCause } from '../primitives/errors.js';
import { pause } from '../primitives/pause.js';
import {
  sourceOf,
  type DiscoveredEndpoint,
  type Discovery,
  type DiscoveryContext,
} from '../discovery/index.js';
import { readRegistered } from './registered.js';
import {
  SentinelLink,
  type SentinelFields,
  type SentinelSettings,
  type SentinelView,
} from './sentinel-link.js';

/** The options of {@link redisSentinel}; an option that is `undefined` counts as absent. */
export interface RedisSentinelOptions {
  /** The name of the primary, as in `sentinel monitor <name>`. */
  readonly name: string;
  /** 1 to 32 Sentinels, each an endpoint or `"host:port"`: one is used at a time, and the next when it fails. */
  readonly sentinels: readonly (Endpoint | string)[];
  /**
   * Whom to connect to: the primary; the replicas, and the primary while no replica is ready; or `'any'` of them.
   * @default 'primary'
   */
  readonly role?: 'primary' | 'replica' | 'any' | undefined;
  /** The user for the Sentinels, not for the servers. */
  readonly username?: string | undefined;
  /** The password for the Sentinels, with or without a user. */
  readonly password?: string | undefined;
  /** TLS to the Sentinels: as the option of `connect()`. */
  readonly tls?: ConnectionOptions['tls'];
  /**
   * Milliseconds, at least 1: the limit for an answer of a Sentinel.
   * @default 5 000
   */
  readonly timeout?: number | undefined;
  /**
   * Milliseconds, at least 1: how often to ask, beside at each event. A Sentinel that does not answer is left for the next one.
   * @default 10 000
   */
  readonly refresh?: number | undefined;
}

const roles = ['primary', 'replica', 'any'] as const;

const checks: Readonly<Record<keyof RedisSentinelOptions, Check>> = {
  name: filledString,
  // readSentinels() checks them.
  sentinels: check('a list of 1 to 32 endpoints', (value) => (itemsOf(value, 32)?.length ?? 0) > 0),
  role: oneOf(...roles),
  username: filledString,
  password: filledString,
  tls: check(
    'true, options or a function',
    (value) => value === true || isObject(value) || typeof value === 'function',
  ),
  timeout: positiveMilliseconds,
  refresh: positiveMilliseconds,
};

/** The least time between two questions, in milliseconds: events come in bursts. */
const leastPause = 20;

/** The least time between two questions because an endpoint fails. */
const leastDoubt = 500;

/**
 * A source of the primary that Redis Sentinel names, or of its replicas. It listens to the events of one Sentinel, over a
 * connection of connman, and asks it at each of them. An answer that is older than one of another Sentinel (by its
 * `config-epoch`) is not used. Replicas that Sentinel takes for down are left out.
 *
 * An iteration throws a `DiscoveryError` if no Sentinel has an answer; no error has a password in it. A pool then keeps the
 * last endpoints. The source itself does not keep your application alive.
 *
 * @throws OptionError for a wrong option.
 *
 * @example
 * ```ts
 * import { createPool, type Handler, type Pool } from 'connman';
 * import { redisSentinel } from 'connman/discovery';
 *
 * const discovery = redisSentinel({ name: 'shop', sentinels: ['10.0.0.1:26379', '10.0.0.2:26379', '10.0.0.3:26379'] });
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('primary', factory, { discovery, perEndpoint: 4 });
 * }
 * ```
 */
export function redisSentinel(options: RedisSentinelOptions): Discovery {
  const given = readOptions<RedisSentinelOptions>('options', options, checks);
  const { name, role = 'primary', username, password, tls, timeout = 5_000, refresh = 10_000 } = given;
  filledString('options.name', name);
  const sentinels = readSentinels(given.sentinels);
  if (username !== undefined && password === undefined)
    throw new OptionError('options.password', 'the password of the user', password);
  const login = [username, password].filter((each) => each !== undefined);
  const settings = { name, sentinels, timeout, login, tls };
  // What one iteration has learnt counts for the next.
  const epoch = new Epoch(sentinels.length);
  return sourceOf((context) => snapshots(settings, role, refresh, epoch, context));
}

function readSentinels(given: unknown): readonly Endpoint[] {
  checks.sentinels('options.sentinels', given);
  return (given as readonly unknown[]).map((each, index) =>
    toEndpoint(`options.sentinels[${index}]`, typeof each === 'string' ? (parseTarget(each) ?? each) : each),
  );
}

async function* snapshots(
  settings: SentinelSettings,
  role: (typeof roles)[number],
  refresh: number,
  epoch: Epoch,
  context: DiscoveryContext,
): AsyncGenerator<readonly DiscoveredEndpoint[], void, undefined> {
  const { signal, wait, wake, confirm, report } = context;
  const link = new SentinelLink(settings, {
    changed: wake,
    judge: (view) => {
      if (!endpointOf(view.primary))
        throw new DiscoveryError(`the address of ${settings.name} is none`, settings.name);
      epoch.judge(view, settings.name);
    },
  });
  let given = '';
  try {
    while (!signal.aborted) {
      const view = await asked(link, settings, signal);
      const snapshot = endpointsOf(view, role);
      const text = JSON.stringify(snapshot);
      if (text === given) confirm();
      else yield snapshot;
      given = text;
      report({
        sentinel: formatEndpoint(link.endpoint),
        replicas: view.replicas.length,
        epoch: epoch.highest,
      });
      await pause(leastPause, signal);
      await wait(refresh, leastDoubt);
    }
  } finally {
    await link.end();
  }
}

async function asked(
  link: SentinelLink,
  { name }: SentinelSettings,
  signal: AbortSignal,
): Promise<SentinelView> {
  try {
    return await link.ask(signal);
  } catch (cause) {
    throw new DiscoveryError(withCause(`no Sentinel has an answer for ${name}`, cause), name, { cause });
  }
}

/** Sentinel counts the fail-overs of a primary: an answer with a lower number is of one that has not heard of the last. */
class Epoch {
  readonly #most: number;
  #highest = 0;
  /** How many answers in a row were too old. If the Sentinels were set up again, all of them are. */
  #refused = 0;

  /** `most`: how many answers to refuse in a row. */
  constructor(most: number) {
    this.#most = most;
  }

  get highest(): number {
    return this.#highest;
  }

  /** Throws for a view that is older than another one. */
  judge({ primary }: SentinelView, name: string): void {
    const epoch = Number(primary.get('config-epoch') ?? 0);
    if (epoch < this.#highest && this.#refused < this.#most) {
      this.#refused += 1;
      throw new DiscoveryError(`the Sentinel has not heard of the last fail-over of ${name}`, name);
    }
    this.#refused = 0;
    this.#highest = epoch;
  }
}

const down = new Set(['s_down', 'o_down', 'disconnected']);

function endpointsOf(
  { primary, replicas }: SentinelView,
  role: (typeof roles)[number],
): readonly DiscoveredEndpoint[] {
  const isUp = (fields: SentinelFields): boolean =>
    !fields
      .get('flags')
      ?.split(',')
      .some((flag) => down.has(flag));
  const one = endpointOf(primary);
  if (role === 'primary' || !one) return one ? [one] : [];
  const found = replicas.filter(isUp).flatMap((fields) => endpointOf(fields) ?? []);
  const others = found.toSorted((a, b) => (formatEndpoint(a) < formatEndpoint(b) ? -1 : 1));
  return role === 'any' ? [one, ...others] : [...others, { ...one, priority: 1 }];
}

/** The address of a server, unless it is none: a Sentinel may not know it yet. */
function endpointOf(fields: SentinelFields): DiscoveredEndpoint | undefined {
  try {
    return readRegistered([formatHostPort(fields.get('ip') ?? '', Number(fields.get('port')))])[0];
  } catch {
    return undefined;
  }
}
