import { DiscoveryError, messageOf, withCause } from '../primitives/errors.js';
import { AddressCache } from './address-cache.js';
import { mostEndpoints, type DiscoveredEndpoint, type Discovery } from '../discovery/index.js';
import { type DnsServicesOptions, readDnsServicesOptions } from './dns-options.js';
import { canonical, serviceName } from './domain-names.js';
import { type DnsAnswer, follow } from './follow.js';
import type { LookUp } from '../resolver/index.js';
import { type ServiceRecord, type ServiceSettings, usableRecords } from './service-records.js';

/** How many addresses of each family a target may have: fewer where there are many targets. */
const mostAddresses = 64;

/**
 * A source of the servers of a service in the DNS (SRV records), such as `_mqtt._tcp.example.com` or `redis.service.consul`. There is an endpoint for
 * each address (A and AAAA records) of each target. It has the target's port and priority, a share of its weight, and the
 * target as `servername`, which its certificate is verified against.
 *
 * **Which targets are used.** A forged answer must not send your application anywhere. So a target has to be the service's own
 * domain, or below its parent domain: for `_mqtt._tcp.a.example.com` below `example.com`. A domain of one or two labels stands
 * for itself. Public suffixes are not known: for a service at `example.co.uk`, any name below `co.uk` is used. For a service of
 * Consul, such as `redis.service.consul`, the nodes of Consul are used as well (`n1.node.dc1.consul`). Other targets
 * are left out; the option `allowTarget` replaces this rule. IP addresses, invalid host names and port 0 are always left out.
 * The *addresses* of a target are not restricted: for that, give the connections a `blockList`.
 *
 * It follows the DNS as {@link dnsAddresses} does. Node.js gives no TTL for SRV records, so the TTLs of the addresses say when
 * to look again, within `maxRefresh`, which is 30 s by default. A target without an address is left out, told, and asked for
 * again soon. An iteration throws a `DiscoveryError` if no endpoint is left, or if the answer says that there is no such service
 * (the target `.`).
 *
 * @param name `_service._protocol.domain`, or a name without underscores, as Consul and ECS have them
 * @throws OptionError for a wrong name or option.
 *
 * @example
 * ```ts
 * import { createPool, type Handler, type Pool } from 'connman';
 * import { dnsServices } from 'connman/discovery';
 *
 * const discovery = dnsServices('_mqtt._tcp.example.com', {
 *   allowTarget: (target) => target.endsWith('.brokers.example.net'),
 * });
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('brokers', factory, { discovery });
 * }
 * ```
 */
export function dnsServices(name: string, options: DnsServicesOptions = {}): Discovery {
  serviceName('name', name);
  const [settings, allowTarget] = readDnsServicesOptions(options);
  const service: ServiceSettings = { name: canonical(name), allowTarget, most: settings.maxEndpoints };
  const begin = (): ((lookUp: LookUp) => Promise<DnsAnswer>) => {
    const cache = new AddressCache(settings.families);
    return (lookUp) => serversOf(service, cache, lookUp);
  };
  return follow({ name: service.name, settings, begin });
}

async function serversOf(service: ServiceSettings, cache: AddressCache, lookUp: LookUp): Promise<DnsAnswer> {
  const { records, omissions } = usableRecords(await lookUp.services(service.name), service);
  const targets = [...new Set(records.map(({ target }) => target))];
  const most = Math.max(1, Math.min(mostAddresses, Math.floor(mostEndpoints / records.length)));
  const found = await cache.find(targets, most, (question) => lookUp.addresses(question));
  const { addresses, ttl, failure, omitted } = found;
  if (ttl === undefined) {
    const message = `no address was found for the targets of ${service.name}: ${messageOf(failure)}`;
    throw new DiscoveryError(message, service.name, { cause: failure });
  }
  const tooMany = `${omitted} addresses, since a target may have ${most} of each family`;
  return {
    endpoints: records.flatMap((each) => endpointsOf(each, addresses.get(each.target) ?? [])),
    ttl,
    failures: failuresOf(service.name, targets.length, found.failed),
    omissions: omitted > 0 ? [...omissions, tooMany] : omissions,
  };
}

/** One error for all targets: there may be a thousand. */
function failuresOf(service: string, total: number, failed: ReadonlyMap<string, unknown>): Error[] {
  const [[name, cause] = []] = failed;
  if (name === undefined) return [];
  const message = `the look-up of ${failed.size} of the ${total} targets of ${service} failed, such as ${name}`;
  return [new DiscoveryError(withCause(message, cause), service, { cause })];
}

function endpointsOf(record: ServiceRecord, hosts: readonly string[]): DiscoveredEndpoint[] {
  const { target, port, priority } = record;
  const weight = record.weight / hosts.length;
  return hosts.map((host) => Object.freeze({ host, port, priority, weight, servername: target }));
}
