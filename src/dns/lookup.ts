import type { LookupFunction } from 'node:net';
import { anything, positiveMilliseconds, readOptions, type Check } from '../primitives/checks.js';
import { defaultTimeout, lookupOf } from '../resolver/index.js';
import { readResolverAddresses } from './resolver-addresses.js';

/** The options of {@link createLookup}; an option that is `undefined` counts as absent. */
export interface DnsLookupOptions {
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
}

const checks: Readonly<Record<keyof DnsLookupOptions, Check>> = {
  // readResolverAddresses() checks them.
  servers: anything,
  timeout: positiveMilliseconds,
};

/**
 * Makes a {@link lookup} that asks other resolvers, or has another limit.
 *
 * @throws OptionError for a wrong option.
 *
 * @example
 * ```ts
 * import { connect, type Handler } from 'connman';
 * import { createLookup } from 'connman/discovery';
 *
 * const lookup = createLookup({ servers: ['10.0.0.53'], timeout: 2_000 });
 *
 * export const connectTo = (host: string, handler: Handler) => connect(6379, host, handler, { lookup });
 * ```
 */
export function createLookup(options: DnsLookupOptions = {}): LookupFunction {
  const { servers, timeout = defaultTimeout } = readOptions<DnsLookupOptions>('options', options, checks);
  const list = servers === undefined ? undefined : readResolverAddresses('options.servers', servers);
  return lookupOf({ servers: list, timeout });
}

/**
 * Looks up the addresses of a name with c-ares, for the option `lookup`. It takes no thread and ends after 5 s, whereas
 * `dns.lookup()`, which Node.js uses by default, holds one of few threads for as long as the C library waits, and cannot be
 * cancelled.
 *
 * **What it does.** The hosts file comes first; it is read again when it has changed. `localhost`, and names below it, are this
 * host. Then it asks the resolvers of the system for A and AAAA records, follows aliases, and applies the `search`, `domain` and
 * `ndots` of `/etc/resolv.conf`. The options `family`, `hints`, `all`, `order` and `verbatim` have the meaning that they have
 * for `dns.lookup()`. With the order `verbatim`, IPv6 comes first if this host has an IPv6 address. If one family
 * has addresses, a failure for the other does not matter, and it has a fifth of the time.
 *
 * **What it does not do.** It knows nothing of `nsswitch.conf`: no mDNS (`.local`), NIS or LDAP. It does not sort the addresses
 * of a family, nor read spellings such as `127.1`. It caches nothing. What `dns.setServers()` was given does not count.
 *
 * @example
 * ```ts
 * import { connect, type Handler } from 'connman';
 * import { lookup } from 'connman/discovery';
 *
 * export const connectTo = (host: string, handler: Handler) => connect(6379, host, handler, { lookup });
 * ```
 */
export const lookup: LookupFunction = createLookup();
