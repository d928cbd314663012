import { readSnapshot, type DiscoveredEndpoint } from '../discovery/index.js';
import { check, type Check } from '../primitives/checks.js';
import { parseTarget } from '../primitives/endpoint.js';

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
