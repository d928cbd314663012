import { Balancer } from './balancer.js';
import type { Candidate, Picker } from './candidate.js';
import { Row } from './row.js';

/**
 * Picks any ready connection, each with the same probability. Constant time.
 *
 * @example
 * ```ts
 * import { createPool, random, type Handler, type Pool } from 'connman';
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { pick: random() });
 * }
 * ```
 */
export function random(): Balancer<unknown> {
  return randomBy(Math.random);
}

/** As {@link random}; `chance` draws a number from 0 up to, but not including, 1. */
export function randomBy(chance: () => number): Balancer<unknown> {
  return new Balancer('random', <T extends Candidate>() => new RandomPicker<T>(chance));
}

class RandomPicker<T extends Candidate> extends Row<T> implements Picker<T> {
  readonly #chance: () => number;

  constructor(chance: () => number) {
    super();
    this.#chance = chance;
  }

  pick(): T | undefined {
    return this.at(Math.floor(this.#chance() * this.length));
  }
}
