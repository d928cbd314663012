import { isIPv6 } from 'node:net';
import { filledString, integerFrom, readOptions } from './checks.js';

/** An address one can dial. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const portNumber = integerFrom(1, 65_535);

/** Reads `(port, host, …rest)` or `(endpoint, …rest)`: a frozen endpoint and the rest, or an `OptionError`. */
export function endpointArguments(args: readonly unknown[]): [endpoint: Endpoint, rest: readonly unknown[]] {
  const [first, second] = args;
  if (typeof first === 'object' && first !== null) return [toEndpoint(first), args.slice(1)];
  portNumber('port', first);
  filledString('host', second);
  return [Object.freeze({ host: second as string, port: first as number }), args.slice(2)];
}

function toEndpoint(candidate: object): Endpoint {
  const { host, port } = readOptions<Endpoint>('endpoint', candidate, {
    host: filledString,
    port: portNumber,
  });
  portNumber('endpoint.port', port);
  filledString('endpoint.host', host);
  return Object.freeze({ host, port });
}

/** The endpoint as people write it: `host:port`, with brackets around an IPv6 address. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
