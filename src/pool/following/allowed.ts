import type { DiscoveredEndpoint } from '../../discovery/index.js';
import { formatEndpoint } from '../../primitives/endpoint.js';
import { OptionError } from '../../primitives/errors.js';

/** Says whether a discovered endpoint may be dialled. */
export type AllowEndpoint = (endpoint: DiscoveredEndpoint) => boolean;

/** What is left of a snapshot, and why not all of it. */
export interface Allowed {
  readonly endpoints: readonly DiscoveredEndpoint[];
  readonly refusal: Error | undefined;
}

/**
 * The endpoints of a snapshot that may be dialled. Whoever can write to a registry must not make an application talk to a socket
 * of its own host, or be content with the certificate of another name.
 * @throws OptionError if none is left; what the application's function throws.
 */
export function allowedOf(
  endpoints: readonly DiscoveredEndpoint[],
  isTrusted: boolean,
  allow: AllowEndpoint | undefined,
): Allowed {
  if (!allow && isTrusted) return { endpoints, refusal: undefined };
  const allowed = endpoints.filter((each) => (allow ? saysYes(allow, each) : isPlain(each)));
  if (allowed.length === endpoints.length) return { endpoints, refusal: undefined };
  const refused = endpoints.find((each) => !allowed.includes(each)) as DiscoveredEndpoint;
  const refusal = refusalOf(refused, endpoints.length - allowed.length, allow !== undefined);
  if (allowed.length === 0) throw refusal;
  return { endpoints: allowed, refusal };
}

/** Only `true` counts: the promise of an async function is truthy as well. */
function saysYes(allow: AllowEndpoint, endpoint: DiscoveredEndpoint): boolean {
  const answer: unknown = allow(endpoint);
  return answer === true;
}

function isPlain({ host, path, servername }: DiscoveredEndpoint): boolean {
  return path === undefined && (servername === undefined || servername === host);
}

function refusalOf(endpoint: DiscoveredEndpoint, count: number, isAsked: boolean): OptionError {
  const expected = isAsked
    ? 'endpoints for which options.allowEndpoint returns true'
    : 'no path, and no servername but the host, unless options.allowEndpoint allows it';
  const { servername } = endpoint;
  const name = servername === undefined ? '' : ` (${servername})`;
  const others = count > 1 ? ` and ${count - 1} more` : '';
  return new OptionError('snapshot', expected, endpoint, `${formatEndpoint(endpoint)}${name}${others}`);
}
