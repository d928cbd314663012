import { anything, check, type Check, hostName, itemsOf, readOptions } from '../primitives/checks.js';
import { toEndpoint } from '../primitives/endpoint.js';
import { OptionError } from '../primitives/errors.js';
import type { DiscoveredEndpoint } from './discovery.js';

/** How many endpoints a snapshot may have. */
export const mostEndpoints = 10_000;

interface GivenEndpoint {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
  readonly weight?: number;
  readonly priority?: number;
  readonly servername?: string;
}

const checks: Readonly<Record<keyof GivenEndpoint, Check>> = {
  // toEndpoint() checks the address.
  host: anything,
  port: anything,
  path: anything,
  weight: check('a finite number from 0', (value) => Number.isFinite(value) && (value as number) >= 0),
  priority: check('a whole number from 0', (value) => Number.isSafeInteger(value) && (value as number) >= 0),
  servername: hostName,
};

/**
 * Checks the answer of a source: an array of at most 10 000 endpoints, which may be empty. Returns a frozen list of frozen
 * copies, in the same order and without duplicates (see {@link endpointKey}).
 *
 * @throws OptionError for another value, or a wrong endpoint.
 */
export function readSnapshot(value: unknown): readonly DiscoveredEndpoint[] {
  return readEndpoints('snapshot', value);
}

/** As {@link readSnapshot}; `name` is the name of the list in errors. */
export function readEndpoints(name: string, value: unknown): readonly DiscoveredEndpoint[] {
  const list = itemsOf(value, mostEndpoints);
  if (!list) throw new OptionError(name, `an array of at most ${mostEndpoints} endpoints`, value);
  return distinct(list.map((each, index) => readEndpoint(`${name}[${index}]`, each)));
}

function readEndpoint(name: string, candidate: unknown): DiscoveredEndpoint {
  const { host, port, path, ...rest } = readOptions<GivenEndpoint>(name, candidate, checks);
  return Object.freeze({ ...toEndpoint(name, { host, port, path }), ...rest });
}

/** The first endpoint of each key, frozen. */
export function distinct(endpoints: readonly DiscoveredEndpoint[]): readonly DiscoveredEndpoint[] {
  const byKey = new Map<string, DiscoveredEndpoint>();
  for (const endpoint of endpoints) {
    const key = endpointKey(endpoint);
    if (!byKey.has(key)) byKey.set(key, endpoint);
  }
  return Object.freeze([...byKey.values()]);
}

/** A key takes half a microsecond to make, and each connection that discovery opens asks for its key three times. */
let last: { readonly endpoint: DiscoveredEndpoint; readonly key: string } | undefined;

/** Identifies an endpoint by its address, `servername` and target: endpoints with the same key are the same. */
export function endpointKey(endpoint: DiscoveredEndpoint): string {
  if (last?.endpoint === endpoint) return last.key;
  const { host, port, path, servername, target } = endpoint;
  const parts = [host, port, path, servername];
  const key = JSON.stringify(target === undefined ? parts : [...parts, target]);
  // One that may still change is not remembered.
  if (Object.isFrozen(endpoint)) last = { endpoint, key };
  return key;
}
