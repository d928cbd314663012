import type { Balancer, Candidate, Picker } from '../../balance/index.js';
import { fractionOf } from './by-key.js';
import { isEnough, shareOut, takeByShare, tiersByKey } from './spill.js';
import { Tier, type TierEndpoint } from './tier.js';

/**
 * The free connections, by priority. A priority is used only while no connection of a lower number is ready, with or without
 * a lease; with `spill`, also while less than that part of those before it is ready.
 */
export class Rotation<T extends Candidate & { readonly group: TierEndpoint<T> }> {
  readonly #balancer: Balancer;
  /** From 0 (one ready connection is enough) to 1. */
  readonly #spill: number;
  /** Sorted by priority. */
  readonly #tiers: Tier<T>[] = [];
  /** The tier in use. */
  #active: Tier<T> | undefined;
  /** Its picker, where it is the only one in use. */
  #picker: Picker<T> | undefined;
  /** Where several are in use. */
  #shared: readonly Tier<T>[] | undefined;
  /** Whether `pick()` was called with a key. */
  #usesKeys = false;

  constructor(balancer: Balancer, spill: number = 0) {
    this.#balancer = balancer;
    this.#spill = spill;
  }

  /** The tier for one more endpoint. */
  tierFor(priority: number): Tier<T> {
    let tier = this.#tiers.find((each) => each.priority === priority);
    if (!tier) {
      tier = new Tier<T>(priority, this.#balancer, this.#usesKeys);
      this.#tiers.push(tier);
      this.#tiers.sort((a, b) => a.priority - b.priority);
    }
    return tier;
  }

  /** An endpoint is gone, or has moved to another tier. */
  leave(tier: Tier<T>, endpoint: TierEndpoint<T>): void {
    tier.leave(endpoint);
    this.#drop(tier);
  }

  /** What discovery wants of each tier: the weights of its endpoints. `freeIn` finds the free connections of a tier. */
  want(weights: ReadonlyMap<Tier<T>, readonly number[]>, freeIn: (tier: Tier<T>) => readonly T[]): void {
    for (const tier of this.#tiers) {
      tier.wanted = weights.get(tier) ?? [];
      tier.repick(tier.isWeighted || this.#usesKeys, () => freeIn(tier));
    }
    for (const tier of this.#tiers.filter(({ isUnused }) => isUnused)) this.#drop(tier);
    this.#choose();
  }

  /** The number of ready connections of an endpoint has changed by `change`, or its rank has changed. */
  count(tier: Tier<T>, endpoint: TierEndpoint<T>, change: number): void {
    tier.weigh(endpoint);
    tier.ready += change;
    this.#choose();
  }

  /** Whether as much of what discovery wants is ready as `spill` asks for, without the endpoints that it wants no more. */
  get isCovered(): boolean {
    if (this.#spill === 0) return true;
    return isEnough(
      this.#tiers.map(({ lastingCoverage }) => lastingCoverage),
      this.#spill,
    );
  }

  /** Whether its connections are in use now. */
  uses(tier: Tier<T>): boolean {
    return this.#shared?.includes(tier) ?? tier === this.#active;
  }

  /** The next free connection in turn; it stays in the rotation. */
  pick(): T | undefined {
    return this.#picker?.pick() ?? this.#pickElsewhere();
  }

  /** The next free connection for a key. */
  pickBy(key: string, freeIn: (tier: Tier<T>) => readonly T[]): T | undefined {
    if (!this.#usesKeys) {
      this.#usesKeys = true;
      for (const tier of this.#tiers) tier.repick(true, () => freeIn(tier));
      this.#choose();
    }
    if (!this.#shared) return this.#active?.pickBy(key);
    for (const tier of tiersByKey(this.#shared, fractionOf(key))) {
      const picked = tier.pickBy(key);
      if (picked) return picked;
    }
    return undefined;
  }

  #pickElsewhere(): T | undefined {
    if (this.#shared) return takeByShare(this.#shared, (tier) => tier.pick());
    return this.#active?.pick();
  }

  #choose(): void {
    this.#active = this.#tiers.find(({ ready }) => ready > 0);
    if (this.#spill > 0) this.#share();
    this.#picker = this.#shared ? undefined : this.#active?.picker;
  }

  #share(): void {
    shareOut(this.#tiers, this.#spill);
    const used = this.#tiers.filter(({ share }) => share > 0);
    this.#shared = used.length > 1 ? used : undefined;
    if (used.length === 1) [this.#active] = used;
  }

  #drop(tier: Tier<T>): void {
    const index = tier.isUnused ? this.#tiers.indexOf(tier) : -1;
    if (index >= 0) this.#tiers.splice(index, 1);
  }
}
