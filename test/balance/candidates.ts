import type { Candidate, Load } from '../../src/balance/index.js';

/** Something to pick, by its number. */
export interface Numbered extends Candidate<number> {
  readonly group: { leases: number; pending: number };
  pending: number;
}

/** A candidate with this number; alone on its endpoint, unless it is told which. */
function candidate(connection: number, group: Numbered['group'] = { leases: 0, pending: 0 }): Numbered {
  return { connection, group, pending: 0, index: -1, next: undefined, previous: undefined };
}

export function candidates(count: number): Numbered[] {
  return Array.from({ length: count }, (_, number) => candidate(number));
}

/** A candidate, and its load, that count how often they are looked at or changed. */
export class Counted implements Candidate<number> {
  static touches = 0;
  readonly connection: number;
  readonly pending = 0;
  readonly #group: Load;
  #index = -1;
  #next: Candidate<number> | undefined;
  #previous: Candidate<number> | undefined;

  constructor(connection: number, leases = 0) {
    this.connection = connection;
    this.#group = {
      get leases() {
        Counted.touches += 1;
        return leases;
      },
      pending: 0,
    };
  }

  get group(): Load {
    Counted.touches += 1;
    return this.#group;
  }

  get index(): number {
    Counted.touches += 1;
    return this.#index;
  }

  set index(index: number) {
    Counted.touches += 1;
    this.#index = index;
  }

  get next(): Candidate<number> | undefined {
    Counted.touches += 1;
    return this.#next;
  }

  set next(next: Candidate<number> | undefined) {
    Counted.touches += 1;
    this.#next = next;
  }

  get previous(): Candidate<number> | undefined {
    Counted.touches += 1;
    return this.#previous;
  }

  set previous(previous: Candidate<number> | undefined) {
    Counted.touches += 1;
    this.#previous = previous;
  }
}
