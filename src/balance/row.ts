import type { Candidate } from './candidate.js';

/** Candidates in an array without gaps. Their order means nothing, so that each operation takes constant time. */
export class Row<T extends Candidate> {
  readonly #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  at(index: number): T | undefined {
    return this.#items[index];
  }

  add(candidate: T): void {
    candidate.index = this.#items.length;
    this.#items.push(candidate);
  }

  /** The last one moves to the place that becomes free. */
  remove(candidate: T): void {
    const last = this.#items.pop() as T;
    if (last !== candidate) {
      this.#items[candidate.index] = last;
      last.index = candidate.index;
    }
    candidate.index = -1;
  }
}
