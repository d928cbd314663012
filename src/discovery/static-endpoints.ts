import { OptionError } from '../primitives/errors.js';
import type { DiscoveredEndpoint, Discovery } from './discovery.js';
import { mostEndpoints, readEndpoints } from './snapshot.js';

/**
 * A source that never changes: each iteration gives one snapshot, with copies of these endpoints, and ends.
 *
 * @throws OptionError unless it is a list of 1 to 10 000 valid endpoints.
 *
 * @example
 * ```ts
 * import { createPool, staticEndpoints, type Handler, type Pool } from 'connman';
 *
 * const discovery = staticEndpoints([
 *   { host: '10.0.0.1', port: 6379, weight: 2 },
 *   { host: '10.0.0.2', port: 6379 },
 * ]);
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { discovery, perEndpoint: 4 });
 * }
 * ```
 */
export function staticEndpoints(endpoints: readonly DiscoveredEndpoint[]): Discovery {
  const snapshot = readEndpoints('endpoints', endpoints);
  if (!snapshot.length) throw new OptionError('endpoints', `1 to ${mostEndpoints} endpoints`, endpoints);
  return {
    isTrusted: true,
    async *[Symbol.asyncIterator]() {
      yield snapshot;
    },
  };
}
