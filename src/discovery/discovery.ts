import type { Endpoint } from '../primitives/endpoint.js';

/** An endpoint, and what a source may say of it besides its address. */
export type DiscoveredEndpoint = Endpoint & {
  /**
   * Finite, at least 0: its share of the connections, relative to the others of its priority.
   * @default 1
   */
  readonly weight?: number;
  /**
   * A whole number from 0: it is used only while no endpoint of a lower number is ready.
   * @default 0
   */
  readonly priority?: number;
  /** Over TLS, the name to verify the peer by. */
  readonly servername?: string;
};

/**
 * A source of endpoints: each value is a whole snapshot of what there is. Iterating it again begins anew. It throws
 * when it has no answer; who follows it keeps the last snapshot then, and begins another iteration later.
 */
export type Discovery = AsyncIterable<readonly DiscoveredEndpoint[]>;
