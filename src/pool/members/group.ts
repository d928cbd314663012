import type { Candidate, Load } from '../../balance/index.js';
import { CounterTotals } from '../../connection/index.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import { Health } from './health.js';
import type { Tier } from './rotation.js';

/** The connections of a pool to one endpoint. */
export class EndpointGroup<M extends Candidate> implements Load {
  readonly key: string;
  readonly endpoint: Endpoint;
  tier: Tier<M>;
  /** All connections, including those that leave the pool. */
  members = 0;
  /** The connections that stay in the pool. */
  size = 0;
  /** How many of these are ready. */
  ready = 0;
  leases = 0;
  /** How many requests on its connections wait for an answer. */
  pending = 0;
  /** What its connections have done, and those that have left. */
  readonly totals: CounterTotals;
  /** How many connections to it the last snapshot wants. */
  wanted = 0;
  /** How many of those that stay were brought by discovery. */
  discovered = 0;
  /** How many of the wanted ones have failed for good: they are not opened again unless the pool is refreshed. */
  refused = 0;
  readonly health: Health = new Health();
  /** The connection that is being renewed. */
  renewing: M | undefined;

  constructor(key: string, endpoint: Endpoint, tier: Tier<M>, all: CounterTotals) {
    this.totals = new CounterTotals(all);
    this.key = key;
    this.endpoint = endpoint;
    this.tier = tier;
  }

  /** How many connections it lacks. */
  get missing(): number {
    return Math.max(0, this.wanted - this.discovered);
  }

  /** How many of these are to be opened. */
  get restorable(): number {
    return Math.max(0, this.wanted - this.discovered - this.refused);
  }
}
