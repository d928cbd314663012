import {
  anything,
  callable,
  type Check,
  integerFrom,
  milliseconds,
  numberFrom,
  oneOf,
  positiveMilliseconds,
  readOptions,
} from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import { readResolverAddresses } from './resolver-addresses.js';
import { mostEndpoints } from '../discovery/index.js';

/** The options of {@link dnsAddresses}; an option that is `undefined` counts as absent. */
export interface DnsOptions {
  /**
   * The resolvers to ask: 1 to 32 IP addresses, with or without a port, such as `10.0.0.1`, `10.0.0.1:53` or `[::1]:53`.
   * @default the resolvers of the system at each look-up
   */
  readonly servers?: readonly string[] | undefined;
  /**
   * Milliseconds, at least 1: the limit for a look-up with all its questions.
   * @default 5 000
   */
  readonly timeout?: number | undefined;
  /**
   * Milliseconds, at least 1: the least time between two look-ups, however short the TTL.
   * @default 1 000, or `maxRefresh` if that is less
   */
  readonly minRefresh?: number | undefined;
  /**
   * Milliseconds, at least `minRefresh`: the longest time between two look-ups, however long the TTL.
   * @default 300 000, for `dnsServices()` 30 000, or `minRefresh` if that is more
   */
  readonly maxRefresh?: number | undefined;
  /**
   * From 0 to 1: the share of the wait for the next look-up that is random, so that many processes do not ask at the same time.
   * @default 0.1
   */
  readonly jitter?: number | undefined;
  /**
   * Milliseconds: how long an endpoint is kept that an answer leaves out, for servers that give some of many addresses in
   * rotation. An endpoint that is gone for good stays as long as well.
   * @default 0
   */
  readonly linger?: number | undefined;
  /**
   * From 1 to 10 000: the limit for the number of endpoints. Of more, those with the lowest priority numbers are kept, and of
   * these the first in the order of their addresses, so that the same answer gives the same endpoints. A pool tells of it.
   * @default 1 000
   */
  readonly maxEndpoints?: number | undefined;
  /**
   * The addresses to ask for: 4 for IPv4, 6 for IPv6, 0 for both.
   * @default 0
   */
  readonly family?: 0 | 4 | 6 | undefined;
}

/** The options of {@link dnsServices}; an option that is `undefined` counts as absent. */
export interface DnsServicesOptions extends DnsOptions {
  /**
   * Says whether a target may be used: only the targets for which it returns `true` are. It gets the name in lower case,
   * without a dot at the end. If it throws, the look-up fails.
   * @default the targets below the parent domain; see {@link dnsServices}
   */
  readonly allowTarget?: ((target: string) => boolean) | undefined;
}

/** {@link DnsOptions}, checked and completed. */
export interface DnsSettings {
  readonly servers: readonly string[] | undefined;
  readonly timeout: number;
  readonly minRefresh: number;
  readonly maxRefresh: number;
  readonly jitter: number;
  readonly linger: number;
  readonly maxEndpoints: number;
  readonly families: readonly (4 | 6)[];
}

const defaults = {
  timeout: 5_000,
  minRefresh: 1_000,
  maxRefresh: 300_000,
  /** Node.js does not tell the TTL of an SRV record, which may be less than that of the addresses. */
  maxServicesRefresh: 30_000,
  jitter: 0.1,
  linger: 0,
  maxEndpoints: 1_000,
} as const;

const checks: Readonly<Record<keyof DnsOptions, Check>> = {
  // readResolverAddresses() checks them.
  servers: anything,
  timeout: positiveMilliseconds,
  minRefresh: positiveMilliseconds,
  maxRefresh: positiveMilliseconds,
  jitter: numberFrom(0, 1),
  linger: milliseconds,
  maxEndpoints: integerFrom(1, mostEndpoints),
  family: oneOf(0, 4, 6),
};

/** Checks the options of {@link dnsAddresses}. */
export function readDnsOptions(given: DnsOptions): DnsSettings {
  return settingsOf(readOptions<DnsOptions>('options', given, checks));
}

/** Checks the options of {@link dnsServices}. */
export function readDnsServicesOptions(
  given: DnsServicesOptions,
): [settings: DnsSettings, allowTarget: DnsServicesOptions['allowTarget']] {
  const { allowTarget, ...options } = readOptions<DnsServicesOptions>('options', given, {
    ...checks,
    allowTarget: callable,
  });
  return [settingsOf(options, defaults.maxServicesRefresh), allowTarget];
}

function settingsOf(options: DnsOptions, longest: number = defaults.maxRefresh): DnsSettings {
  const { servers, minRefresh, maxRefresh, family } = options;
  if (minRefresh !== undefined && maxRefresh !== undefined && minRefresh > maxRefresh) {
    throw new OptionError('options.minRefresh', `at most options.maxRefresh (${maxRefresh})`, minRefresh);
  }
  return Object.freeze({
    servers: servers === undefined ? undefined : readResolverAddresses('options.servers', servers),
    timeout: options.timeout ?? defaults.timeout,
    minRefresh: minRefresh ?? Math.min(defaults.minRefresh, maxRefresh ?? Infinity),
    maxRefresh: maxRefresh ?? Math.max(longest, minRefresh ?? 0),
    jitter: options.jitter ?? defaults.jitter,
    linger: options.linger ?? defaults.linger,
    maxEndpoints: options.maxEndpoints ?? defaults.maxEndpoints,
    families: family ? [family] : ([4, 6] as const),
  });
}
