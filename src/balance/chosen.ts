import { describe, OptionError } from '../primitives/errors.js';
import { Balancer } from './balancer.js';
import type { Candidate, Load, Picker } from './candidate.js';
import { Row } from './row.js';

/**
 * The connections to choose from: a view that changes as they come and go. Their order means nothing.
 *
 * @example
 * ```ts
 * import type { Candidates, Connection } from 'connman';
 *
 * export function oldest(candidates: Candidates<Connection>): Connection {
 *   return [...candidates].reduce((a, b) => (a.uptime < b.uptime ? b : a));
 * }
 * ```
 */
export interface Candidates<C> extends Iterable<C> {
  /** How many there are: at least 1. */
  readonly length: number;
  /** The one at a place from 0 to `length - 1`. */
  at(index: number): C | undefined;
}

/**
 * A way of your own to pick, for the option `pick`: gets the ready connections, at least one, and returns one of them. What it
 * throws, `pick()` and `acquire()` throw.
 *
 * @example
 * ```ts
 * import { createPool, type Choose, type Connection, type Handler, type Pool } from 'connman';
 *
 * const first: Choose<Connection> = (candidates) => candidates.at(0) as Connection;
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { pick: first });
 * }
 * ```
 */
export type Choose<C> = (candidates: Candidates<C>) => C;

/** Makes a balancer from a function of the application. */
export function chosenBy(choose: Choose<unknown>): Balancer {
  return new Balancer(
    'a function',
    <T extends Candidate>() => new ChosenPicker<T>(choose as Choose<T['connection']>),
  );
}

class ChosenPicker<T extends Candidate> implements Picker<T> {
  readonly #choose: Choose<T['connection']>;
  readonly #row: Row<T> = new Row();
  readonly #byConnection: Map<T['connection'], T> = new Map();
  readonly #view: Candidates<T['connection']>;

  constructor(choose: Choose<T['connection']>) {
    this.#choose = choose;
    this.#view = viewOf(this.#row);
  }

  add(candidate: T): void {
    this.#row.add(candidate);
    this.#byConnection.set(candidate.connection, candidate);
  }

  remove(candidate: T): void {
    this.#row.remove(candidate);
    this.#byConnection.delete(candidate.connection);
  }

  /** @throws what the function throws; `OptionError` if it does not return a candidate. */
  pick(): T | undefined {
    if (this.#row.length === 0) return undefined;
    const choose = this.#choose;
    const connection = choose(this.#view);
    const candidate = this.#byConnection.get(connection);
    if (!candidate)
      throw new OptionError('pick()', 'one of the candidates', connection, describe(connection));
    return candidate;
  }

  /** Any of them: the function chooses among all endpoints, or not at all. */
  pickOf(load: Load): T | undefined {
    const candidates = [...this.#byConnection.values()].filter(({ group }) => group === load);
    return candidates[Math.floor(Math.random() * candidates.length)];
  }
}

function viewOf<T extends Candidate>(row: Row<T>): Candidates<T['connection']> {
  return Object.freeze({
    get length() {
      return row.length;
    },
    at: (index: number) => row.at(index)?.connection,
    *[Symbol.iterator]() {
      for (let index = 0; index < row.length; index += 1) yield row.at(index)?.connection;
    },
  });
}
