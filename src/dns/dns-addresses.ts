import { integerFrom } from '../primitives/checks.js';
import { AddressCache } from './address-cache.js';
import { mostEndpoints, type Discovery } from '../discovery/index.js';
import { type DnsOptions, readDnsOptions } from './dns-options.js';
import { DiscoveryError, withCause } from '../primitives/errors.js';
import { canonical, domainName } from './domain-names.js';
import { type DnsAnswer, follow } from './follow.js';
import type { LookUp } from '../resolver/index.js';

const portNumber = integerFrom(1, 65_535);

/**
 * A source of the addresses of a name in the DNS, IPv4 and IPv6 (A and AAAA records). Each endpoint has this port, and the
 * name as `servername`, which its certificate is verified against. The name is absolute: search domains and /etc/hosts are not
 * used. Write an international name in ASCII (`xn--…`).
 *
 * Each iteration gives a snapshot after its first look-up, and another one whenever the answer changes. The name is looked up
 * again when the least TTL of the answer is over, but not before `minRefresh` nor after `maxRefresh`; that wait does not keep
 * your application alive. In a pool it is looked up sooner: after `minRefresh` when an endpoint fails, and at once by
 * `pool.refresh()`. If the look-up of one family fails, its last addresses are kept, and it is asked for again soon. A family
 * to which this host has no route is left out while it has one to the other. An iteration throws a `DiscoveryError` if a
 * look-up finds no address. A pool tells of that, and of all that is left out, by `connman:pool:discovery-failed`.
 *
 * @param name such as `cache.example.com`
 * @param port from 1 to 65 535
 * @throws OptionError for a wrong name, port or option.
 *
 * @example
 * ```ts
 * import { createPool, type Handler, type Pool } from 'connman';
 * import { dnsAddresses } from 'connman/discovery';
 *
 * const discovery = dnsAddresses('cache.example.com', 6379, { maxRefresh: 30_000 });
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { discovery });
 * }
 * ```
 */
export function dnsAddresses(name: string, port: number, options: DnsOptions = {}): Discovery {
  domainName('name', name);
  portNumber('port', port);
  const settings = readDnsOptions(options);
  const host = canonical(name);
  const begin = (): ((lookUp: LookUp) => Promise<DnsAnswer>) => {
    const cache = new AddressCache(settings.families);
    return (lookUp) => addressesOf(host, port, cache, lookUp);
  };
  return follow({ name: host, settings, begin });
}

async function addressesOf(
  name: string,
  port: number,
  cache: AddressCache,
  lookUp: LookUp,
): Promise<DnsAnswer> {
  const found = await cache.find([name], mostEndpoints, (question) => lookUp.addresses(question));
  const { addresses, ttl } = found;
  if (ttl === undefined) throw found.failure;
  const endpoints = [...addresses.values()]
    .flat()
    .map((host) => Object.freeze({ host, port, servername: name }));
  const failures = [...found.failed.values()].map(
    (cause) =>
      new DiscoveryError(withCause(`one of two families of ${name} could not be looked up`, cause), name, {
        cause,
      }),
  );
  return { endpoints, ttl, failures };
}
