import { callable } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import { Balancer } from './balancer.js';
import type { Candidate, Picker } from './candidate.js';
import { Row } from './row.js';

/** How busy a connection is, as a number: less is better. */
export type LoadOf<C> = (connection: C) => number;

/**
 * The less busy of two ready connections that are drawn by chance: evens out servers of unequal speed at the same small
 * cost for ten connections and for ten thousand. Busy is, unless `loadOf` says otherwise, who has more leases on the
 * connections to its endpoint. For shared use, give what you count yourself, such as the requests that wait for an answer:
 * `twoChoices(({ handler }) => handler.pending)`.
 * @throws OptionError where `loadOf` is no function, and, at a pick, where it gives no number.
 */
export function twoChoices<C>(loadOf?: LoadOf<C>): Balancer<C> {
  if (loadOf !== undefined) callable('loadOf', loadOf);
  return twoChoicesBy(Math.random, loadOf as LoadOf<unknown> | undefined);
}

/** As {@link twoChoices}, with the chance given: a number from 0 up to, but not including, 1. */
export function twoChoicesBy(chance: () => number, loadOf?: LoadOf<unknown>): Balancer<unknown> {
  const busyness = loadOf ? ({ connection }: Candidate) => checkLoad(loadOf(connection)) : leasesOf;
  return new Balancer('twoChoices', <T extends Candidate>() => new TwoChoicesPicker<T>(chance, busyness));
}

function leasesOf({ group }: Candidate): number {
  return group.leases;
}

function checkLoad(load: unknown): number {
  if (typeof load !== 'number' || Number.isNaN(load)) throw new OptionError('loadOf()', 'a number', load);
  return load;
}

class TwoChoicesPicker<T extends Candidate> extends Row<T> implements Picker<T> {
  readonly #chance: () => number;
  readonly #busyness: (candidate: Candidate) => number;

  constructor(chance: () => number, busyness: (candidate: Candidate) => number) {
    super();
    this.#chance = chance;
    this.#busyness = busyness;
  }

  pick(): T | undefined {
    const { length } = this;
    if (length < 2) return this.at(0);
    const first = Math.floor(this.#chance() * length);
    const another = Math.floor(this.#chance() * (length - 1));
    const one = this.at(first) as T;
    const other = this.at(another < first ? another : another + 1) as T;
    const chosen = this.#busyness(other) < this.#busyness(one) ? other : one;
    // The program's function may have used it, or ended it.
    return this.at(chosen.index) === chosen ? chosen : this.pick();
  }
}
