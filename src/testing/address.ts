import type { Endpoint, HostEndpoint } from '../primitives/endpoint.js';
import { formatEndpoint } from '../primitives/endpoint.js';
import { OptionError } from '../primitives/errors.js';
import { PathPlace } from './path-place.js';
import type { Place } from './place.js';
import { PortPlace } from './port-place.js';

/** Where a server is to listen: by default on a free port of 127.0.0.1. */
export interface Address {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
}

/** The place of an address; refuses a path beside a host or a port. */
export function placeOf({ host, port, path }: Address): Place {
  if (path === undefined) return new PortPlace(host ?? '127.0.0.1', port ?? 0);
  if (host !== undefined || port !== undefined)
    throw new OptionError('options', 'either host and port or path', { host, port, path });
  return new PathPlace(path);
}

/** For what only a port has. */
export function portEndpoint(endpoint: Endpoint): HostEndpoint {
  if (endpoint.path === undefined) return endpoint;
  throw new Error(`the server listens on the path ${formatEndpoint(endpoint)}: it has no host and no port`);
}
