import type { Candidate, Picker } from './candidate.js';

/** `byEndpoint`: for endpoints of different weights, and for keys. */
type MakePicker = <T extends Candidate>(byEndpoint: boolean) => Picker<T>;

/**
 * A way to choose which ready connection is used next: a value for the option `pick` of a pool, which several pools may share.
 * `roundRobin()`, `leastLeased()`, `twoChoices()` and `random()` make one.
 *
 * @example
 * ```ts
 * import { createPool, leastLeased, roundRobin, type Balancer, type Connection } from 'connman';
 * import type { Handler, Pool } from 'connman';
 *
 * export function openPool(factory: () => Handler, isShared: boolean): Pool {
 *   const pick: Balancer<Connection> = isShared ? roundRobin() : leastLeased();
 *   return createPool('cache', factory, { pick });
 * }
 * ```
 */
export class Balancer<in C = never> {
  /** For the type checker only: the connections that it can choose from. */
  declare protected readonly candidates: ((connection: C) => void) | undefined;
  /** Its name, as errors and `util.inspect()` show it. */
  readonly name: string;
  readonly #make: MakePicker;

  /** @internal */
  constructor(name: string, make: MakePicker) {
    this.name = name;
    this.#make = make;
    Object.freeze(this);
  }

  /** @internal A picker for one priority of one pool. */
  makePicker<T extends Candidate>(byEndpoint: boolean = false): Picker<T> {
    return this.#make<T>(byEndpoint);
  }
}
