import type { Candidate } from './candidate.js';

/** Candidates in an array without gaps, in no order that means anything. Constant time. */
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

  /** The last one takes the place that becomes free. */
  remove(candidate: T): void {
    const last = this.#items.pop() as T;
    if (last !== candidate) {
      this.#items[candidate.index] = last;
      last.index = candidate.index;
    }
    candidate.index = -1;
  }
}
