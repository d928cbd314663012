import { isIP, isIPv4, isIPv6 } from 'node:net';
import { itemsOf } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';

const mostServers = 32;

/**
 * A copy of the addresses of 1 to 32 resolvers: IP addresses, with or without a port. Node.js does not check them well: up to
 * 22 it aborts the process for port 0, and takes 99999 for some other port.
 */
export function readResolverAddresses(name: string, value: unknown): readonly string[] {
  const list = itemsOf(value, mostServers);
  if (!list?.length) throw new OptionError(name, `a list of 1 to ${mostServers} addresses`, value);
  return Object.freeze(list.map((each, index) => readAddress(`${name}[${index}]`, each)));
}

function readAddress(name: string, value: unknown): string {
  if (isResolverAddress(value)) return value;
  throw new OptionError(name, 'an address such as 10.0.0.1, 10.0.0.1:53 or [::1]:53', value);
}

function isResolverAddress(value: unknown): value is string {
  // The longest is an IPv6 address in brackets with a port. Node.js would silently drop a zone (`%`).
  if (typeof value !== 'string' || value.length > 53 || value.includes('%')) return false;
  if (isIP(value)) return true;
  const [, inner = '', outer = '', port] = /^(?:\[(.*)\]|([\d.]+)):(\d{1,5})$/.exec(value) ?? [];
  return (isIPv6(inner) || isIPv4(outer)) && Number(port) >= 1 && Number(port) <= 65_535;
}
