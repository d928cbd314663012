import type { DiscoveredEndpoint } from '../../discovery/index.js';

/** How heavy an endpoint is. */
export interface WeighedEndpoint {
  readonly endpoint: DiscoveredEndpoint;
  /** From 0 to 1, which is that of the heaviest endpoint of its priority. */
  readonly part: number;
}

/** The endpoints of a snapshot, each with its part of the heaviest weight of its priority. */
export function weighed(snapshot: readonly DiscoveredEndpoint[]): readonly WeighedEndpoint[] {
  const heaviest = new Map<number, number>();
  for (const { priority = 0, weight = 1 } of snapshot) {
    heaviest.set(priority, Math.max(weight, heaviest.get(priority) ?? 0));
  }
  return snapshot.map((endpoint) => {
    const { priority = 0, weight = 1 } = endpoint;
    const most = heaviest.get(priority) ?? 0;
    // DNS gives all the weight 0 where there is nothing to choose (RFC 2782).
    return { endpoint, part: most > 0 ? weight / most : 1 };
  });
}
