import type { TlsOptions } from '../index.js';
import {
  check,
  filledString,
  integerFrom,
  isObject,
  itemsOf,
  positiveMilliseconds,
  readOptions,
  type Check,
} from '../primitives/checks.js';
import { DiscoveryError, OptionError, withCause } from '../primitives/errors.js';
import { pause } from '../primitives/pause.js';
import {
  mostEndpoints,
  sourceOf,
  type DiscoveredEndpoint,
  type Discovery,
  type DiscoveryContext,
} from '../discovery/index.js';
import { EtcdGateway, type EtcdEntry, type EtcdSettings } from './etcd-gateway.js';
import { readRegisteredText } from './registered.js';
import { within } from './within.js';

/** The options of {@link etcd}; an option that is `undefined` counts as absent. */
export interface EtcdOptions {
  /** The beginning of the keys, such as `/services/cache/`. */
  readonly prefix: string;
  /**
   * 1 to 32 URLs of etcd servers, `http:` or `https:`, without a password: one is used at a time, and the next when it fails.
   * @default `['http://127.0.0.1:2379']`
   */
  readonly servers?: readonly string[] | undefined;
  /** The user, where etcd asks for one. */
  readonly username?: string | undefined;
  /** The password of the user. */
  readonly password?: string | undefined;
  /** TLS for `https:`, such as `{ ca, cert, key }`. */
  readonly tls?: TlsOptions | undefined;
  /**
   * Milliseconds, at least 1: the limit for reading all keys.
   * @default 5 000
   */
  readonly timeout?: number | undefined;
  /**
   * Milliseconds, at least 1: how often to read all keys, since a silent watch may be dead.
   * @default 60 000
   */
  readonly refresh?: number | undefined;
  /**
   * From 1 to 10 000: the limit for the number of endpoints, the first in the order of their keys. A pool tells of more.
   * @default 1 000
   */
  readonly maxEndpoints?: number | undefined;
}

const checks: Readonly<Record<keyof EtcdOptions, Check>> = {
  prefix: filledString,
  servers: check('a list of 1 to 32 URLs', (value) => (itemsOf(value, 32)?.length ?? 0) > 0),
  username: filledString,
  password: filledString,
  tls: check('an object', isObject),
  timeout: positiveMilliseconds,
  refresh: positiveMilliseconds,
  maxEndpoints: integerFrom(1, mostEndpoints),
};

/** The least time between two snapshots, in milliseconds, and between two times that all keys are read. */
const leastPause = 20;
const leastRead = 1_000;

/**
 * A source of the endpoints under a prefix in etcd, which it watches through the JSON gateway of etcd 3.4 and later. Each value
 * is `host:port`, or JSON: `{ "host": "10.0.0.7", "port": 6379, "weight": 2 }`, or `{ "Addr": "10.0.0.7:6379" }` as etcd's own
 * client for Go writes it. A key that is put with a lease is gone soon after its server has died. A `servername` needs the option
 * `allowEndpoint` of the pool.
 *
 * A value that is no endpoint is left out, and a pool tells of it by `connman:pool:discovery-failed`; so it does of a watch that
 * ends, after which all keys are read again, from the next server. An iteration throws a `DiscoveryError` if no server has an
 * answer; a pool then keeps the last endpoints. No error has a password or a value in it. Waiting does not keep your application
 * alive.
 *
 * @throws OptionError for a wrong option.
 *
 * @example
 * ```ts
 * import { createPool, type Handler, type Pool } from 'connman';
 * import { etcd } from 'connman/discovery';
 *
 * const discovery = etcd({ prefix: '/services/cache/', servers: ['http://10.0.0.1:2379', 'http://10.0.0.2:2379'] });
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { discovery });
 * }
 * ```
 */
export function etcd(options: EtcdOptions): Discovery {
  const given = readOptions<EtcdOptions>('options', options, checks);
  const { username, password, tls, timeout = 5_000, refresh = 60_000, maxEndpoints = 1_000 } = given;
  filledString('options.prefix', given.prefix);
  if ((username === undefined) !== (password === undefined)) {
    throw new OptionError('options.password', 'a user and a password', password);
  }
  const servers = (given.servers ?? ['http://127.0.0.1:2379']).map(readUrl);
  const login = username === undefined || password === undefined ? undefined : { name: username, password };
  const settings = { prefix: given.prefix, servers, login, tls, most: maxEndpoints };
  return sourceOf((context) => new FollowedPrefix(settings, { timeout, refresh }, context).snapshots());
}

function readUrl(text: unknown, index: number): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}` === '';
  if (url && isPlain && url.pathname === '/') return url;
  throw new OptionError(`options.servers[${index}]`, 'a URL such as http://10.0.0.1:2379', text);
}

/** One iteration. */
class FollowedPrefix {
  readonly #settings: EtcdSettings;
  readonly #times: { readonly timeout: number; readonly refresh: number };
  readonly #context: DiscoveryContext;
  readonly #gateway: EtcdGateway;
  /** The endpoint of each key that has one. */
  #found: Map<string, DiscoveredEndpoint> = new Map();
  #given = '';

  constructor(
    settings: EtcdSettings,
    times: { timeout: number; refresh: number },
    context: DiscoveryContext,
  ) {
    this.#settings = settings;
    this.#times = times;
    this.#context = context;
    this.#gateway = new EtcdGateway(settings);
  }

  async *snapshots(): AsyncGenerator<readonly DiscoveredEndpoint[], void, undefined> {
    const { signal, confirm, report } = this.#context;
    while (!signal.aborted) {
      const revision = await this.#readAll();
      const before = this.#given;
      yield* this.#news();
      if (this.#given === before) confirm();
      report({ server: this.#gateway.server, revision: String(revision), keys: this.#found.size });
      yield* this.#watch(revision);
      await pause(leastPause, signal);
    }
  }

  /** The endpoints, if they are not those that were given last. */
  *#news(): Generator<readonly DiscoveredEndpoint[], void, undefined> {
    const entries = [...this.#found].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const snapshot = entries.map(([, endpoint]) => endpoint);
    const given = JSON.stringify(snapshot);
    if (given === this.#given) return;
    this.#given = given;
    yield snapshot;
  }

  /** Reads all keys, from the first server that answers. Returns their revision. */
  async #readAll(): Promise<bigint> {
    const { prefix, servers, most } = this.#settings;
    let cause: unknown;
    for (let tried = 0; tried < servers.length; tried += 1) {
      try {
        const keys = await within(this.#times.timeout, this.#context.signal, (ending) =>
          this.#gateway.keys(ending),
        );
        this.#found = new Map();
        this.#take(keys.entries);
        if (keys.hasMore) this.#fail(`only ${most} keys are used (maxEndpoints)`);
        return keys.revision;
      } catch (error) {
        cause = error;
        this.#gateway.useNext();
      }
    }
    throw new DiscoveryError(withCause(`etcd has no answer for ${prefix}`, cause), prefix, { cause });
  }

  #take(entries: readonly EtcdEntry[]): void {
    const { most } = this.#settings;
    for (const { key, value } of entries) {
      this.#found.delete(key);
      if (value === undefined) continue;
      try {
        const endpoint = readRegisteredText(value);
        if (this.#found.size < most) this.#found.set(key, endpoint);
        else this.#fail(`${key} is left out (maxEndpoints)`);
      } catch (error) {
        this.#fail(`the value of ${key} is no endpoint`, error);
      }
    }
  }

  /** Follows the changes, until it is time to read all keys again. */
  async *#watch(revision: bigint): AsyncGenerator<readonly DiscoveredEndpoint[], void, undefined> {
    const { signal, wait } = this.#context;
    const ending = new AbortController();
    const watch: { isOver: boolean; failure?: unknown } = { isOver: false };
    void this.#apply(revision, ending.signal, watch);
    try {
      while ((await wait(this.#times.refresh, leastRead)) === 'woken') {
        if (watch.isOver) break;
        yield* this.#news();
        await pause(leastPause, signal);
      }
    } finally {
      ending.abort();
    }
    if (watch.isOver) await this.#lost(watch.failure);
  }

  async #apply(
    revision: bigint,
    signal: AbortSignal,
    watch: { isOver: boolean; failure?: unknown },
  ): Promise<void> {
    try {
      for await (const entries of this.#gateway.changes(revision, signal)) {
        if (signal.aborted) return;
        this.#take(entries);
        this.#context.wake();
      }
    } catch (error) {
      watch.failure = error;
    }
    watch.isOver = true;
    if (!signal.aborted) this.#context.wake();
  }

  /** Without a failure, etcd has only forgotten what came next. */
  async #lost(failure: unknown): Promise<void> {
    if (failure === undefined) return;
    this.#fail('the watch is lost', failure);
    this.#gateway.useNext();
    await pause(leastRead, this.#context.signal);
  }

  #fail(what: string, cause?: unknown): void {
    const { prefix } = this.#settings;
    this.#context.fail(new DiscoveryError(withCause(`etcd: ${what}`, cause), prefix, { cause }));
  }
}
