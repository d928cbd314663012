import { Balancer } from './balancer.js';
import { Ring } from './ring.js';

/**
 * The default: picks each ready connection in turn. A connection that becomes ready, or comes back from a lease, is the last
 * of the round. Constant time.
 *
 * @example
 * ```ts
 * import { createPool, roundRobin, type Handler, type Pool } from 'connman';
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { pick: roundRobin() });
 * }
 * ```
 */
export function roundRobin(): Balancer<unknown> {
  return new Balancer('roundRobin', () => new Ring());
}
