import { filledString, hostName, integerFrom, isObject, itemsOf, readOptions, socketPath } from './checks.js';
import { OptionError } from './errors.js';

/** A host and a port, reached over TCP. */
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

/** An address to dial: a host and a port, or a path. */
export type Endpoint = HostEndpoint | PathEndpoint;

/** The longest list of endpoints. */
const mostEndpoints = 1_000;

const portNumber = integerFrom(1, 65_535);

/** Where to connect to, and the arguments after that. */
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

function hostAndPort(host: unknown, port: unknown): HostEndpoint {
  portNumber('port', port);
  hostName('host', host);
  return Object.freeze({ host: host as string, port: port as number });
}

/** As {@link endpointArguments}, but the endpoint may be a list of them. */
export function endpointsArguments(
  args: readonly unknown[],
): EndpointArguments<Endpoint | readonly Endpoint[]> {
  const first = args[0];
  if (!Array.isArray(first)) return endpointArguments(args);
  const list = itemsOf(first, mostEndpoints);
  if (!list?.length) throw new OptionError('endpoints', `1 to ${mostEndpoints} endpoints`, first);
  return { target: list.map((each, index) => toEndpoint(`endpoints[${index}]`, each)), rest: args.slice(1) };
}

/** A frozen copy of one endpoint, or an `OptionError` that calls it `what`. */
export function toEndpoint(what: string, candidate: unknown): Endpoint {
  const isPath = isObject(candidate) && (candidate as PathEndpoint).path !== undefined;
  return isPath ? toPathEndpoint(what, candidate) : toHostEndpoint(what, candidate);
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

export function isPathEndpoint(endpoint: Endpoint): endpoint is PathEndpoint {
  return endpoint.path !== undefined;
}

/**
 * The endpoint as text: `host:port`, with brackets around an IPv6 address; the path; or `@name` for a name in the abstract
 * namespace of Linux.
 */
export function formatEndpoint(endpoint: Endpoint): string {
  if (isPathEndpoint(endpoint)) return endpoint.path.replace(/^\0/, '@');
  const { host, port } = endpoint;
  // Only an IPv6 address has a colon.
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
