import { callable } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import { Balancer } from './balancer.js';
import type { Candidate, Picker } from './candidate.js';
import { Row } from './row.js';

/** How busy a connection is, as a number: less is better. */
export type LoadOf<C> = (connection: C) => number;

/**
 * Draws two ready connections at random and picks the less busy one. This evens out servers of unequal speed, and costs the
 * same for ten connections as for ten thousand.
 *
 * @param loadOf how busy a connection is; by default, the number of leases on the connections to its endpoint and, for shared
 * use, the number of requests on it that wait for an answer, where it has `Requests`. The example counts them by itself.
 * @throws OptionError if `loadOf` is not a function, and, from a pick, if it returns no number.
 *
 * @example
 * ```ts
 * import { createPool, twoChoices, type Handler, type Pool } from 'connman';
 *
 * interface Client extends Handler {
 *   readonly pending: number;
 * }
 *
 * export function openPool(factory: () => Client): Pool<Client> {
 *   return createPool('cache', factory, { pick: twoChoices(({ handler }) => handler.pending) });
 * }
 * ```
 */
export function twoChoices<C>(loadOf?: LoadOf<C>): Balancer<C> {
  if (loadOf !== undefined) callable('loadOf', loadOf);
  return twoChoicesBy(Math.random, loadOf as LoadOf<unknown> | undefined);
}

/** As {@link twoChoices}; `chance` draws a number from 0 up to, but not including, 1. */
export function twoChoicesBy(chance: () => number, loadOf?: LoadOf<unknown>): Balancer<unknown> {
  const load = loadOf ? ({ connection }: Candidate) => checkLoad(loadOf(connection)) : busynessOf;
  return new Balancer('twoChoices', <T extends Candidate>() => new TwoChoicesPicker<T>(chance, load));
}

/** Leases by endpoint, as each is on one connection; requests by connection, as many share one. */
function busynessOf(candidate: Candidate): number {
  const { leases, pending } = candidate.group;
  return pending === 0 ? leases : leases + candidate.pending;
}

function checkLoad(load: unknown): number {
  if (typeof load !== 'number' || Number.isNaN(load)) throw new OptionError('loadOf()', 'a number', load);
  return load;
}

class TwoChoicesPicker<T extends Candidate> extends Row<T> implements Picker<T> {
  readonly #chance: () => number;
  readonly #load: (candidate: Candidate) => number;

  constructor(chance: () => number, load: (candidate: Candidate) => number) {
    super();
    this.#chance = chance;
    this.#load = load;
  }

  pick(): T | undefined {
    const { length } = this;
    if (length < 2) return this.at(0);
    const first = Math.floor(this.#chance() * length);
    const another = Math.floor(this.#chance() * (length - 1));
    const one = this.at(first) as T;
    const other = this.at(another < first ? another : another + 1) as T;
    const chosen = this.#load(other) < this.#load(one) ? other : one;
    // `loadOf` is application code: it may have taken the connection, or ended it.
    return this.at(chosen.index) === chosen ? chosen : this.pick();
  }
}
