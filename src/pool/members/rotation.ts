import type { Balancer, Candidate, Picker } from '../../balance/index.js';

/** The endpoints of one priority. */
export class Tier<T extends Candidate = Candidate> {
  readonly priority: number;
  readonly picker: Picker<T>;
  /** Whether the picker wants to know of leases. */
  readonly heedsLeases: boolean;
  /** How many of its connections are ready, lent or not. */
  ready = 0;
  /** How many endpoints it has. */
  endpoints = 0;

  constructor(priority: number, picker: Picker<T>) {
    this.priority = priority;
    this.picker = picker;
    this.heedsLeases = picker.leasesChanged !== undefined;
  }
}

/**
 * Which connections can be picked. Those of one priority are used only while no connection of a lower number is ready, be
 * it lent or not.
 */
export class Rotation<T extends Candidate> {
  readonly #balancer: Balancer;
  /** By priority. */
  readonly #tiers: Tier<T>[] = [];
  /** The tier whose connections are used now. */
  #active: Tier<T> | undefined;

  constructor(balancer: Balancer) {
    this.#balancer = balancer;
  }

  /** The tier of one more endpoint. */
  enter(priority: number): Tier<T> {
    let tier = this.#tiers.find((each) => each.priority === priority);
    if (!tier) {
      tier = new Tier<T>(priority, this.#balancer.makePicker<T>());
      this.#tiers.push(tier);
      this.#tiers.sort((a, b) => a.priority - b.priority);
    }
    tier.endpoints += 1;
    return tier;
  }

  /** An endpoint is gone, or has another priority. */
  leave(tier: Tier<T>): void {
    tier.endpoints -= 1;
    if (tier.endpoints === 0) this.#tiers.splice(this.#tiers.indexOf(tier), 1);
  }

  /** So many more connections of a tier are ready, or less. */
  count(tier: Tier<T>, change: number): void {
    if (change === 0) return;
    tier.ready += change;
    this.#active = this.#tiers.find(({ ready }) => ready > 0);
  }

  /** The next in turn, of those that can be used now; it stays in the rotation. */
  pick(): T | undefined {
    return this.#active?.picker.pick();
  }
}
