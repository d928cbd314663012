import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { DiscoveredEndpoint } from '../discovery/index.js';

/** What the system says of an address that nothing leads to from here. A link-local address without its interface is invalid. */
const noRoute: readonly unknown[] =
  'ENETUNREACH EHOSTUNREACH ENETDOWN EADDRNOTAVAIL EAFNOSUPPORT EINVAL EACCES'.split(' ');

/** How many addresses of a family are tried before it counts as one without a route. */
const mostTried = 4;

/** Whether this host has a route to an address. */
type HasRoute = (address: string) => Promise<boolean>;

/**
 * Leaves out the IPv4 or the IPv6 endpoints where this host has no route to them, but has one to the others: a connection to
 * them would fail for ever, and a pool would never be ready.
 */
export async function withRoute(
  endpoints: readonly DiscoveredEndpoint[],
  hasRoute: HasRoute = systemHasRoute,
): Promise<readonly DiscoveredEndpoint[]> {
  const families = [false, true].map((isV6) => endpoints.filter(({ host = '' }) => isIPv6(host) === isV6));
  if (families.some(({ length }) => length === 0)) return endpoints;
  const [v4 = true, v6 = true] = await Promise.all(families.map((family) => someHasRoute(family, hasRoute)));
  if (v4 === v6) return endpoints;
  return families[v4 ? 0 : 1] ?? endpoints;
}

async function someHasRoute(family: readonly DiscoveredEndpoint[], hasRoute: HasRoute): Promise<boolean> {
  const hosts = new Set(family.map(({ host = '' }) => host));
  const tried = await Promise.all([...hosts].slice(0, mostTried).map(hasRoute));
  return tried.includes(true);
}

/** Asks the system: to connect a UDP socket chooses a route, and sends nothing. */
function systemHasRoute(address: string): Promise<boolean> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  return new Promise<unknown>((resolve) => {
    // Any port, since it is not used.
    socket.on('error', resolve).on('connect', resolve).connect(9, address);
  }).then((error) => {
    socket.close();
    return !noRoute.includes((error as { code?: unknown } | undefined)?.code);
  });
}
