import { isIPv6 } from 'node:net';
import {
  adviceOn,
  filledString,
  hostName,
  integerFrom,
  isObject,
  itemsOf,
  readOptions,
  socketPath,
  type Check,
} from './checks.js';
import { describe, OptionError } from './errors.js';

/** What is known of an endpoint besides its address. */
interface EndpointNames {
  /** Over TLS, the name to ask for and to verify, unless the option `tls.servername` is given. By default that is the host. */
  readonly servername?: string | undefined;
  /** What is behind the endpoint, as `host:port`: connman sets it where the `prelude` has a `target`, such as that of a proxy. */
  readonly target?: string | undefined;
}

/** A host and a port, reached over TCP. */
export interface HostEndpoint extends EndpointNames {
  readonly host: string;
  readonly port: number;
  readonly path?: undefined;
}

/** A Unix socket, or a named pipe on Windows. */
export interface PathEndpoint extends EndpointNames {
  readonly path: string;
  readonly host?: undefined;
  readonly port?: undefined;
}

/** An address to dial: a host and a port, or a path. */
export type Endpoint = HostEndpoint | PathEndpoint;

/** The longest list of endpoints. */
const mostEndpoints = 1_000;

const portNumber = integerFrom(1, 65_535);

const nameChecks: Readonly<Record<keyof EndpointNames, Check>> = { servername: hostName, target: readTarget };

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

/**
 * The endpoint that was read last: most programs make many connections to one server. With what gates, counts and handlers remember in
 * the same way, opening 5 000 takes 1.54 instead of 1.65 times as long as with bare sockets.
 */
let last: HostEndpoint | undefined;

function hostAndPort(host: unknown, port: unknown): HostEndpoint {
  if (last && last.host === host && last.port === port) return last;
  if (typeof port === 'string' && typeof host === 'number') {
    throw new OptionError('port', 'a port, then a host', port, 'a host, then a port');
  }
  if (typeof port === 'string') {
    const advice =
      adviceOn(port) || (/^\d+$/.test(port) ? ' (pass a number)' : ' (pass the port, then the host)');
    throw new OptionError('port', 'a whole number from 1 to 65535', port, describe(port) + advice);
  }
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
  if (!Array.isArray(first)) return endpointArguments(args);
  return { target: endpointList(first), rest: args.slice(1) };
}

/** Frozen copies of the endpoints of a list, or of one endpoint, or an `OptionError`. */
export function endpointList(given: unknown): readonly Endpoint[] {
  if (!Array.isArray(given)) return [toEndpoint('endpoints', given)];
  const list = itemsOf(given, mostEndpoints);
  if (!list?.length) throw new OptionError('endpoints', `1 to ${mostEndpoints} endpoints`, given);
  return list.map((each, index) => toEndpoint(`endpoints[${index}]`, each));
}

/** A frozen copy of one endpoint, or an `OptionError` that calls it `what`. */
export function toEndpoint(what: string, candidate: unknown): Endpoint {
  const isPath = isObject(candidate) && (candidate as PathEndpoint).path !== undefined;
  return isPath ? toPathEndpoint(what, candidate) : toHostEndpoint(what, candidate);
}

function toHostEndpoint(what: string, candidate: unknown): HostEndpoint {
  const { host, port, ...names } = readOptions<HostEndpoint>(what, candidate, {
    host: filledString,
    port: portNumber,
    path: socketPath,
    ...nameChecks,
  });
  portNumber(`${what}.port`, port);
  hostName(`${what}.host`, host);
  return Object.freeze({ host, port, ...names });
}

function toPathEndpoint(what: string, candidate: unknown): PathEndpoint {
  const { path, host, port, ...names } = readOptions<PathEndpoint>(what, candidate, {
    path: socketPath,
    host: filledString,
    port: portNumber,
    ...nameChecks,
  });
  if (host !== undefined || port !== undefined) {
    throw new OptionError(what, 'either host and port or path', candidate);
  }
  socketPath(`${what}.path`, path);
  return Object.freeze({ path, ...names });
}

export function isPathEndpoint(endpoint: Endpoint): endpoint is PathEndpoint {
  return endpoint.path !== undefined;
}

/**
 * The endpoint as text: `host:port`, with brackets around an IPv6 address; the path; or `@name` for a name in the abstract
 * namespace of Linux. Where it leads on to a target, that follows.
 */
export function formatEndpoint(endpoint: Endpoint): string {
  const address = formatAddress(endpoint);
  return endpoint.target === undefined ? address : `${address} for ${endpoint.target}`;
}

function formatAddress(endpoint: Endpoint): string {
  if (isPathEndpoint(endpoint)) return endpoint.path.replace(/^\0/, '@');
  return formatHostPort(endpoint.host, endpoint.port);
}

/** `host:port`, with brackets around an IPv6 address: only that has a colon. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** The host and port of a target, or an `OptionError` that calls it `name`. */
export function readTarget(name: string, target: unknown): Target {
  const parsed = typeof target === 'string' ? parseTarget(target) : undefined;
  if (parsed) return parsed;
  throw new OptionError(name, 'a host and a port, as host:port or [address]:port', target);
}

/** The host and port of a target, where it has that form. */
export function parseTarget(target: string): Target | undefined {
  const [, address, name = address, digits] =
    /^(?:\[([\da-f:.]{2,45})\]|([^\s/\\@:[\]\p{Cc}]{1,255})):(\d{1,5})$/iu.exec(target) ?? [];
  const port = Number(digits);
  if (name === undefined || port < 1 || port > 65_535) return undefined;
  return address === undefined || isIPv6(address) ? { host: name, port } : undefined;
}

/** The endpoint with that target, where there is one: itself if it has it already. */
export function leadingTo(endpoint: Endpoint, target: string | undefined): Endpoint {
  if (target === undefined || endpoint.target === target) return endpoint;
  return Object.freeze({ ...endpoint, target });
}
