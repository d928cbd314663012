import type { Candidate, Picker } from '../../balance/index.js';
import { CounterTotals } from '../../connection/index.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import { hash } from '../../primitives/hash.js';
import { Health } from './health.js';
import type { Tier, TierEndpoint } from './tier.js';

/** What discovery says about an endpoint, beside its address. */
export interface Rank {
  readonly priority: number;
  /** From 0 to 1, which is that of the heaviest endpoint of this priority, and of all of them where none has a weight. */
  readonly weight: number;
  /** How many connections are wanted at least. */
  readonly count: number;
}

/** The connections of a pool to one endpoint. */
export class EndpointGroup<M extends Candidate> implements TierEndpoint<M> {
  readonly key: string;
  readonly hash: number;
  readonly endpoint: Endpoint;
  tier: Tier<M>;
  picker: Picker<M>;
  /** All connections, including those that leave the pool. */
  members = 0;
  /** The connections that stay in the pool. */
  size = 0;
  /** How many of these are ready. */
  ready = 0;
  leases = 0;
  /** The most leases at a time since `Growth` looked last. */
  peak = 0;
  /** How many requests on its connections wait for an answer. */
  pending = 0;
  /** What its connections have done, and those that have left. */
  readonly totals: CounterTotals;
  /** How many connections to it the last snapshot wants, at least. */
  wanted = 0;
  /** How many it may grow to. */
  most = 0;
  /** How many of those that stay were brought by discovery. */
  discovered = 0;
  /** How many of the wanted ones have failed for good: they are not opened again unless the pool is refreshed. */
  refused = 0;
  readonly health: Health = new Health();
  /** The connection that is being renewed. */
  renewing: M | undefined;
  /** That of a discovered endpoint; 1 where it is 0. */
  weight: number | undefined;
  isReserve = false;
  capacity = 0;
  /** What the picker keeps of it. */
  place: object | undefined;

  constructor(key: string, endpoint: Endpoint, tier: Tier<M>, all: CounterTotals) {
    this.totals = new CounterTotals(all);
    this.key = key;
    this.hash = hash(key, 0);
    this.endpoint = endpoint;
    this.tier = tier;
    this.picker = tier.pickerFor(false);
  }

  /** Whether discovery has brought it, and wants it no more. */
  get isWithdrawn(): boolean {
    return this.weight !== undefined && this.wanted === 0;
  }

  /** How many connections are not ready, or not there. Those that it has grown by are no loss. */
  get lacking(): number {
    const spare = Math.max(0, Math.min(this.discovered, this.most) - this.wanted);
    return Math.max(0, this.size + this.missing - spare - this.ready);
  }

  /** How many of those that are wanted are not there. */
  get missing(): number {
    return Math.max(0, this.wanted - this.discovered);
  }

  /** How many of these are to be opened. */
  get restorable(): number {
    return Math.max(0, this.wanted - this.discovered - this.refused);
  }
}
