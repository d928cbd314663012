import type { DiscoveredEndpoint } from '../../../src/index.js';

/** How many connections discovery wants to each port. */
export function wantedByPort(
  snapshot: readonly DiscoveredEndpoint[],
  perEndpoint: number,
): ReadonlyMap<number, number> {
  const wanted = new Map<number, number>();
  // The first of each address counts.
  const distinct = snapshot.filter(
    ({ port }, index) => snapshot.findIndex((each) => each.port === port) === index,
  );
  for (const { port = 0, weight = 1, priority = 0 } of distinct) {
    const peers = distinct.filter((each) => (each.priority ?? 0) === priority);
    const heaviest = Math.max(...peers.map((each) => each.weight ?? 1));
    const share = heaviest === 0 ? 1 : weight / heaviest;
    wanted.set(port, Math.max(1, Math.round(perEndpoint * share)));
  }
  return wanted;
}
