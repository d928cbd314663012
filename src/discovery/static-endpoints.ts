import { OptionError } from '../primitives/errors.js';
import type { DiscoveredEndpoint, Discovery } from './discovery.js';
import { mostEndpoints, readEndpoints } from './snapshot.js';

/**
 * A source that never changes: each iteration gives one snapshot, of copies of these endpoints, and ends.
 *
 * @throws OptionError unless it is a list of 1 to 10 000 valid endpoints.
 */
export function staticEndpoints(endpoints: readonly DiscoveredEndpoint[]): Discovery {
  const snapshot = readEndpoints('endpoints', endpoints);
  if (!snapshot.length) throw new OptionError('endpoints', `1 to ${mostEndpoints} endpoints`, endpoints);
  return {
    async *[Symbol.asyncIterator]() {
      yield snapshot;
    },
  };
}
