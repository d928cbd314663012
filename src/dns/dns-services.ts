import { DiscoveryError, messageOf } from '../primitives/errors.js';
import { AddressBook } from './address-book.js';
import type { DiscoveredEndpoint, Discovery } from '../discovery/index.js';
import { type DnsServicesOptions, readDnsServicesOptions } from './dns-options.js';
import { canonical, serviceName } from './domain-names.js';
import { type DnsAnswer, follow } from './follow.js';
import type { LookUp } from './look-up.js';
import { type ServiceRecord, type ServiceSettings, usableRecords } from './service-records.js';

/** How many addresses of each family are kept of a target. */
const mostAddresses = 64;

/**
 * A source of the servers of a service in the DNS (SRV), such as `_mqtt._tcp.example.com`: an endpoint for each address
 * (A and AAAA) of each target, with the target's port and priority, and with the target as `servername`, which the
 * certificate is verified by. The weight of a target is divided among its addresses.
 *
 * **Which targets are used.** Who can forge an answer, or change the zone, must not be able to send the program anywhere:
 * a target has to be below the parent domain of the service's, so for `_mqtt._tcp.a.example.com` below `example.com`; a
 * domain of one or two labels stands for itself; and a service's own domain is always allowed. Public suffixes are not
 * known: for a service at `example.co.uk` any name below `co.uk` would do. Others are left out, unless `allowTarget`, asked instead, says
 * `true`. So are IP addresses, what is no host name, and port 0. Where the target's *addresses* may point to is another
 * question: for that, give the connections a `blockList`.
 *
 * It follows the DNS as {@link dnsAddresses} does. The records of the service come without a TTL from Node.js, so that
 * the addresses of the targets say when to look again. Targets whose addresses are not found are left out. An iteration
 * throws a `DiscoveryError` when nothing is left, or when the service is said not to exist (its target is `.`).
 *
 * @throws OptionError for a wrong name or option.
 */
export function dnsServices(name: string, options: DnsServicesOptions = {}): Discovery {
  serviceName('name', name);
  const [settings, allowTarget] = readDnsServicesOptions(options);
  const service: ServiceSettings = { name: canonical(name), allowTarget, most: settings.maxEndpoints };
  const begin = (): ((lookUp: LookUp) => Promise<DnsAnswer>) => {
    const book = new AddressBook(settings.families, Math.min(mostAddresses, settings.maxEndpoints));
    return (lookUp) => serversOf(service, book, lookUp);
  };
  return follow({ name: service.name, settings, begin });
}

async function serversOf(service: ServiceSettings, book: AddressBook, lookUp: LookUp): Promise<DnsAnswer> {
  const records = usableRecords(await lookUp.services(service.name), service);
  const targets = [...new Set(records.map(({ target }) => target))];
  const { addresses, ttl, failure } = await book.find(targets, (question) => lookUp.addresses(question));
  if (ttl === undefined) {
    const message = `no address was found for the targets of ${service.name}: ${messageOf(failure)}`;
    throw new DiscoveryError(message, service.name, { cause: failure });
  }
  return { endpoints: records.flatMap((each) => endpointsOf(each, addresses.get(each.target) ?? [])), ttl };
}

function endpointsOf(record: ServiceRecord, hosts: readonly string[]): DiscoveredEndpoint[] {
  const { target, port, priority } = record;
  const weight = record.weight / hosts.length;
  return hosts.map((host) => Object.freeze({ host, port, priority, weight, servername: target }));
}
