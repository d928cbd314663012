import type { Endpoint } from '../primitives/endpoint.js';

/** An endpoint, and what a source may say about it. */
export type DiscoveredEndpoint = Endpoint & {
  /**
   * Finite, at least 0: its share of the connections, relative to other endpoints of the same priority.
   * @default 1
   */
  readonly weight?: number;
  /**
   * A whole number from 0: the endpoint is used only while no endpoint with a lower number is ready.
   * @default 0
   */
  readonly priority?: number;
  /** Over TLS, the name that the certificate of the peer is verified against. */
  readonly servername?: string;
};

/**
 * A source of endpoints: each value is a whole snapshot. Every iteration starts from the beginning, and throws when the source
 * has no answer. A pool then keeps the last snapshot, and starts another iteration later.
 *
 * @example
 * ```ts
 * import { createPool, type Discovery, type Handler, type Pool } from 'connman';
 *
 * const discovery: Discovery = {
 *   async *[Symbol.asyncIterator]() {
 *     yield [{ host: '10.0.0.1', port: 6379 }];
 *     await new Promise((resolve) => setTimeout(resolve, 60_000));
 *     yield [{ host: '10.0.0.2', port: 6379 }];
 *   },
 * };
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { discovery });
 * }
 * ```
 */
export type Discovery = AsyncIterable<readonly DiscoveredEndpoint[]>;
