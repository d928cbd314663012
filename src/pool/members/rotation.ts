import type { Balancer, Candidate, Picker } from '../../balance/index.js';

/** The endpoints of one priority. */
export class Tier<T extends Candidate = Candidate> {
  readonly priority: number;
  readonly picker: Picker<T>;
  /** How many of its connections are ready, with or without a lease. */
  ready = 0;
  endpoints = 0;

  constructor(priority: number, picker: Picker<T>) {
    this.priority = priority;
    this.picker = picker;
  }
}

/**
 * The free connections, by priority. A priority is used only while no connection of a lower number is ready, with or without
 * a lease.
 */
export class Rotation<T extends Candidate> {
  readonly #balancer: Balancer;
  /** Sorted by priority. */
  readonly #tiers: Tier<T>[] = [];
  /** The tier in use. */
  #active: Tier<T> | undefined;

  constructor(balancer: Balancer) {
    this.#balancer = balancer;
  }

  /** The tier for one more endpoint. */
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

  /** An endpoint is gone, or has moved to another priority. */
  leave(tier: Tier<T>): void {
    tier.endpoints -= 1;
    if (tier.endpoints === 0) this.#tiers.splice(this.#tiers.indexOf(tier), 1);
  }

  /** Adds `change`, which may be negative, to the ready connections of a tier. */
  count(tier: Tier<T>, change: number): void {
    if (change === 0) return;
    tier.ready += change;
    this.#active = this.#tiers.find(({ ready }) => ready > 0);
  }

  /** The next free connection in turn; it stays in the rotation. */
  pick(): T | undefined {
    return this.#active?.picker.pick();
  }
}
