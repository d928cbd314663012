import { Balancer } from './balancer.js';
import type { Candidate, Picker } from './candidate.js';
import { draw, type RowPlace } from './drawn.js';
import { EndpointPicker, turnsOf } from './endpoint-picker.js';
import { Row } from './row.js';

/**
 * Picks any ready connection: of discovered endpoints, each by its weight; of others, each connection with the same
 * probability. Constant time.
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
  return new Balancer('random', <T extends Candidate>(byEndpoint: boolean) =>
    byEndpoint ? pickerByEndpoint<T>(chance) : new RandomPicker<T>(chance),
  );
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

function pickerByEndpoint<T extends Candidate>(chance: () => number): Picker<T> {
  return new EndpointPicker<T, Row<T>, Row<RowPlace<T>>>({
    chance,
    shareOf: turnsOf,
    connections: () => new Row(),
    endpoints: () => new Row(),
    choose: (levels) => draw(levels, chance)?.candidates.drawn(chance),
    take: ({ candidates }) => candidates.drawn(chance),
  });
}
