import { filledString, hostName, integerFrom, isObject, itemsOf, readOptions, socketPath } from './checks.js';
import { kindOf, OptionError } from './errors.js';

/** A host and a port, to be reached over TCP. */
export interface HostEndpoint {
  readonly host: string;
  readonly port: number;
  readonly path?: undefined;
}

/** A Unix socket, or a named pipe on Windows. */
export interface PathEndpoint {
  readonly path: string;
  readonly host?: undefined;
  readonly port?: undefined;
}

/** An address one can dial. */
export type Endpoint = HostEndpoint | PathEndpoint;

/** How many endpoints a list may have. */
const mostEndpoints = 1_000;

const portNumber = integerFrom(1, 65_535);

/** What a call was given: where to connect to, and the arguments after it. */
export interface EndpointArguments<E = Endpoint> {
  readonly target: E;
  readonly rest: readonly unknown[];
}

/** Reads `(port, host, …rest)` or `(endpoint, …rest)`: a frozen endpoint and the rest, or an `OptionError`. */
export function endpointArguments(args: readonly unknown[]): EndpointArguments {
  const first = args[0];
  if (typeof first === 'object' && first !== null) {
    return { target: toEndpoint('endpoint', first), rest: args.slice(1) };
  }
  return { target: hostAndPort(args[1], first), rest: args.slice(2) };
}

/** The last one that was given as a port and a host: most connections of a program go to the same few. */
let last: HostEndpoint | undefined;

function hostAndPort(host: unknown, port: unknown): HostEndpoint {
  if (last !== undefined && last.port === port && last.host === host) return last;
  portNumber('port', port);
  hostName('host', host);
  last = Object.freeze({ host: host as string, port: port as number });
  return last;
}

/** As {@link endpointArguments}, but the endpoint may be a list of them. */
export function endpointsArguments(
  args: readonly unknown[],
): EndpointArguments<Endpoint | readonly Endpoint[]> {
  const first = args[0];
  if (typeof first !== 'object' || first === null || kindOf(first) !== 'an array') {
    return endpointArguments(args);
  }
  const list = itemsOf(first, mostEndpoints);
  if (!list?.length) throw new OptionError('endpoints', `1 to ${mostEndpoints} endpoints`, first);
  return { target: list.map((each, index) => toEndpoint(`endpoints[${index}]`, each)), rest: args.slice(1) };
}

/** A frozen copy of one endpoint, or an `OptionError` that calls it `what`. */
export function toEndpoint(what: string, candidate: unknown): Endpoint {
  const isPath = isObject(candidate) && Object.hasOwn(candidate, 'path');
  return isPath && (candidate as PathEndpoint).path !== undefined
    ? toPathEndpoint(what, candidate)
    : toHostEndpoint(what, candidate);
}

function toHostEndpoint(what: string, candidate: unknown): HostEndpoint {
  const { host, port } = readOptions<HostEndpoint>(what, candidate, {
    host: filledString,
    port: portNumber,
    path: socketPath,
  });
  portNumber(`${what}.port`, port);
  hostName(`${what}.host`, host);
  return Object.freeze({ host, port });
}

function toPathEndpoint(what: string, candidate: unknown): PathEndpoint {
  const { path, host, port } = readOptions<PathEndpoint>(what, candidate, {
    path: socketPath,
    host: filledString,
    port: portNumber,
  });
  if (host !== undefined || port !== undefined) {
    throw new OptionError(what, 'either host and port or path', candidate);
  }
  socketPath(`${what}.path`, path);
  return Object.freeze({ path });
}

/** Whether it is a path: its own, not one that somebody has put on Object.prototype. */
export function isPathEndpoint(endpoint: Endpoint): endpoint is PathEndpoint {
  return Object.hasOwn(endpoint, 'path') && endpoint.path !== undefined;
}

/**
 * The endpoint as people write it: `host:port`, with brackets around an IPv6 address; the path; `@name` for a name in
 * the abstract namespace of Linux.
 */
export function formatEndpoint(endpoint: Endpoint): string {
  if (isPathEndpoint(endpoint)) return endpoint.path.replace(/^\0/, '@');
  const { host, port } = endpoint;
  // Of what a host may be, only an IPv6 address has a colon.
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
