import type { Candidate, Picker } from './candidate.js';

/** Picks in turn: a candidate that was picked or added is the last of the round. Constant time. */
export class Ring<T extends Candidate> implements Picker<T> {
  #first: Candidate | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  add(candidate: T): void {
    const first = this.#first;
    if (first) {
      const last = first.previous as Candidate;
      candidate.next = first;
      candidate.previous = last;
      last.next = candidate;
      first.previous = candidate;
    } else {
      candidate.next = candidate;
      candidate.previous = candidate;
      this.#first = candidate;
    }
  }

  remove(candidate: T): void {
    const next = candidate.next as Candidate;
    const previous = candidate.previous as Candidate;
    candidate.next = undefined;
    candidate.previous = undefined;
    if (next === candidate) {
      this.#first = undefined;
      return;
    }
    previous.next = next;
    next.previous = previous;
    if (this.#first === candidate) this.#first = next;
  }

  /** Of the next `choices` in turn, the first with the least of something. It is the last of the round then. */
  pickBy(amount: (candidate: Candidate) => number, choices: number): T | undefined {
    const first = this.#first;
    if (!first) return undefined;
    let [chosen, least] = [first, amount(first)];
    let each = first.next as Candidate;
    for (let seen = 1; seen < choices && each !== first && least > 0; seen += 1) {
      const found = amount(each);
      if (found < least) [chosen, least] = [each, found];
      each = each.next as Candidate;
    }
    this.remove(chosen as T);
    this.add(chosen as T);
    return chosen as T;
  }

  pick(): T | undefined {
    const first = this.#first;
    if (first) this.#first = first.next;
    return first as T | undefined;
  }
}
