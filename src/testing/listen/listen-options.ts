import { type Endpoint, formatEndpoint, type HostEndpoint } from '../../primitives/endpoint.js';
import { OptionError } from '../../primitives/errors.js';

/** Where a server is to listen. */
export interface ListenOptions {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
}

/** By default a free port of 127.0.0.1. Refuses a path beside a host or a port. */
export function toListenEndpoint({ host, port, path }: ListenOptions): Endpoint {
  if (path === undefined) return { host: host ?? '127.0.0.1', port: port ?? 0 };
  if (host !== undefined || port !== undefined)
    throw new OptionError('options', 'either host and port or path', { host, port, path });
  return { path };
}

/** For what only a port has. */
export function requirePort(endpoint: Endpoint): HostEndpoint {
  if (endpoint.path === undefined) return endpoint;
  throw new Error(`the server listens on the path ${formatEndpoint(endpoint)}: it has no host and no port`);
}
