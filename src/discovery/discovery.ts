import type { Endpoint } from '../primitives/endpoint.js';

/** An endpoint, and what a source may say about it; `servername`, where it knows the name to verify. */
export type DiscoveredEndpoint = Endpoint & {
  /**
   * Finite, at least 0: its share of the connections, picks and leases, relative to other endpoints of the same priority. With 0 it
   * is used only where no other one is free.
   * @default 1
   */
  readonly weight?: number;
  /**
   * A whole number from 0: the endpoint is used only while no endpoint with a lower number is ready.
   * @default 0
   */
  readonly priority?: number;
};

/**
 * A source of endpoints: each value is a whole snapshot. Every iteration starts from the beginning, and throws when the source
 * has no answer. A pool then keeps the last snapshot, and starts another iteration later.
 *
 * @example
 * ```ts
 * import { readFile, watch } from 'node:fs/promises';
 * import { createPool, type DiscoveredEndpoint, type Discovery, type Handler, type Pool } from 'connman';
 *
 * async function read(): Promise<DiscoveredEndpoint[]> {
 *   return JSON.parse(await readFile('endpoints.json', 'utf8')) as DiscoveredEndpoint[];
 * }
 *
 * const discovery: Discovery = {
 *   async *[Symbol.asyncIterator]() {
 *     const changes = watch('endpoints.json');
 *     yield await read();
 *     for await (const _ of changes) yield await read();
 *   },
 * };
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { discovery });
 * }
 * ```
 */
export type Discovery = AsyncIterable<readonly DiscoveredEndpoint[]>;
