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
import { OptionError } from '../primitives/errors.js';
import { mostEndpoints, sourceOf, type Discovery } from '../discovery/index.js';
import { FollowedPrefix } from './followed-prefix.js';

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
