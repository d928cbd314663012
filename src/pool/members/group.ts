import type { Candidate, Load } from '../../balance/index.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import { Health } from './health.js';
import type { Tier } from './rotation.js';

/** The connections of a pool to one endpoint. */
export class EndpointGroup<M extends Candidate> implements Load {
  readonly key: string;
  readonly endpoint: Endpoint;
  tier: Tier<M>;
  /** How many connections it has, how many of them are not about to leave, and how many of those are ready. */
  members = 0;
  size = 0;
  ready = 0;
  leases = 0;
  readonly health: Health = new Health();
  /** How many lives are over their `maxAge`, but may not be ended yet, and which one is being renewed. */
  overdue = 0;
  renewing: M | undefined;

  constructor(key: string, endpoint: Endpoint, tier: Tier<M>) {
    this.key = key;
    this.endpoint = endpoint;
    this.tier = tier;
  }
}
