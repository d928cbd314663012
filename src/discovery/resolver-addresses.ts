import { isIP, isIPv4, isIPv6 } from 'node:net';
import { type Check, itemsOf } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';

const mostServers = 32;

/**
 * The addresses of 1 to 32 resolvers, each an IP address, with a port or without. This cannot be left to Node.js: up to
 * 22 it aborts the process for port 0, and takes 99999 for some other port.
 */
export const resolverAddresses: Check = (name, value) => {
  const list = itemsOf(value, mostServers);
  if (!list?.length) throw new OptionError(name, `a list of 1 to ${mostServers} addresses`, value);
  list.forEach((each, index) => {
    if (isResolverAddress(each)) return;
    throw new OptionError(`${name}[${index}]`, 'an address such as 10.0.0.1, 10.0.0.1:53 or [::1]:53', each);
  });
};

function isResolverAddress(value: unknown): boolean {
  // The longest is an IPv6 address in brackets with a port. Node.js would drop a zone without a word.
  if (typeof value !== 'string' || value.length > 53 || value.includes('%')) return false;
  if (isIP(value)) return true;
  const [, inner = '', outer = '', port] = /^(?:\[(.*)\]|([\d.]+)):(\d{1,5})$/.exec(value) ?? [];
  return (isIPv6(inner) || isIPv4(outer)) && Number(port) >= 1 && Number(port) <= 65_535;
}
