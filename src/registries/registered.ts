import { readSnapshot, type DiscoveredEndpoint } from '../discovery/index.js';
import { check, type Check } from '../primitives/checks.js';
import { parseTarget } from '../primitives/endpoint.js';
import { parseJson } from './json.js';

const hostAndPort: Check = check(
  'host:port, [address]:port or an object',
  (value) => typeof value === 'string' && parseTarget(value) !== undefined,
);

/** Reads a list of servers, each `host:port` or an object as in a snapshot. Throws an `OptionError` for another one. */
export function readRegistered(list: unknown): readonly DiscoveredEndpoint[] {
  return readSnapshot(Array.isArray(list) ? list.map(fromText) : list);
}

function fromText(each: unknown, index: number): unknown {
  if (typeof each !== 'string') return each;
  hostAndPort(`snapshot[${index}]`, each);
  return parseTarget(each);
}

/**
 * Reads the value that a server has entered itself with: `host:port`, or JSON with what an endpoint has, or with `Addr`, as etcd's
 * own client writes it. Throws for another one, without repeating it.
 */
export function readRegisteredText(text: string): DiscoveredEndpoint {
  const [endpoint] = readRegistered([text.startsWith('{') ? fromJson(text) : text]);
  // `readRegistered` has thrown where there is none.
  return endpoint as DiscoveredEndpoint;
}

/** Leaves out what else a registry may say of a server. A path would be a file of this host. */
function fromJson(text: string): unknown {
  const value = parseJson(text, 'it is no JSON') as Readonly<Record<string, unknown>>;
  if (typeof value['Addr'] === 'string') return value['Addr'];
  const { host, port, weight, priority, servername } = value;
  return { host, port, weight, priority, servername };
}
