import { integerFrom } from '../primitives/checks.js';
import { AddressBook } from './address-book.js';
import type { Discovery } from '../discovery/index.js';
import { type DnsOptions, readDnsOptions } from './dns-options.js';
import { canonical, domainName } from './domain-names.js';
import { type DnsAnswer, follow } from './follow.js';
import type { LookUp } from './look-up.js';

const portNumber = integerFrom(1, 65_535);

/**
 * A source of the addresses that a name has in the DNS, IPv4 and IPv6 (A and AAAA): endpoints with this port, and with
 * the name as `servername`, which their certificates are verified by. The name is absolute: neither search domains nor
 * /etc/hosts are looked at; an international one is written in ASCII (`xn--…`).
 *
 * Each iteration gives a snapshot after its first look-up, and another one whenever the answer has changed. The name is
 * looked up again when the least TTL of the answer is over, within `minRefresh` and `maxRefresh`; waiting for that does
 * not keep the program alive. Where one family gets no answer (not even that there is none), the addresses that it had
 * before are kept. An iteration throws a `DiscoveryError` when a look-up finds no address.
 *
 * @throws OptionError for a wrong name, port or option.
 */
export function dnsAddresses(name: string, port: number, options: DnsOptions = {}): Discovery {
  domainName('name', name);
  portNumber('port', port);
  const settings = readDnsOptions(options);
  const host = canonical(name);
  const begin = (): ((lookUp: LookUp) => Promise<DnsAnswer>) => {
    const book = new AddressBook(settings.families, settings.maxEndpoints);
    return (lookUp) => addressesOf(host, port, book, lookUp);
  };
  return follow({ name: host, settings, begin });
}

async function addressesOf(
  name: string,
  port: number,
  book: AddressBook,
  lookUp: LookUp,
): Promise<DnsAnswer> {
  const { addresses, ttl, failure } = await book.find([name], (question) => lookUp.addresses(question));
  if (ttl === undefined) throw failure;
  const endpoints = [...addresses.values()]
    .flat()
    .map((host) => Object.freeze({ host, port, servername: name }));
  return { endpoints, ttl };
}
