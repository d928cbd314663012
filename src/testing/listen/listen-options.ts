import { type Endpoint, formatEndpoint, type HostEndpoint } from '../../primitives/endpoint.js';
import { OptionError } from '../../primitives/errors.js';

/** The options of a server that say where it listens. */
export interface ListenOptions {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
}

/** The endpoint to listen on. Default: a free port of 127.0.0.1. Throws an OptionError for a path with a host or a port. */
export function toListenEndpoint({ host, port, path }: ListenOptions): Endpoint {
  if (path === undefined) return { host: host ?? '127.0.0.1', port: port ?? 0 };
  if (host !== undefined || port !== undefined)
    throw new OptionError('options', 'either host and port or path', { host, port, path });
  return { path };
}

/** The endpoint with its host and port. Throws if it is a path. */
export function requirePort(endpoint: Endpoint): HostEndpoint {
  if (endpoint.path === undefined) return endpoint;
  throw new Error(`the server listens on the path ${formatEndpoint(endpoint)}: it has no host and no port`);
}
