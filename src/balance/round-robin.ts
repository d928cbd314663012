import { Balancer } from './balancer.js';
import { Ring } from './ring.js';

/**
 * Each ready connection in turn; one that has become ready, or that comes back from a lease, is last in the round. The
 * default.
 */
export function roundRobin(): Balancer<unknown> {
  return new Balancer('roundRobin', () => new Ring());
}
