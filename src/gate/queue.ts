/**
 * First in, first out, and any member may leave early. Each operation takes constant time: 10 000 connections that all wait for
 * one endpoint may leave from either end.
 */
export class Queue<T> {
  readonly #members: Set<T> = new Set();
  /** Kept from one search to the next: a new iterator would step over all members deleted at the front. */
  #rest: Iterator<T> | undefined;
  #first: T | undefined;

  get size(): number {
    return this.#members.size;
  }

  add(member: T): void {
    this.#members.add(member);
  }

  /** Removes a member; returns whether it was here. */
  delete(member: T): boolean {
    if (this.#members.size === 0) return false;
    if (member === this.#first) this.#first = undefined;
    return this.#members.delete(member);
  }

  /** The first member that matches. */
  find(matches: (member: T) => boolean): T | undefined {
    for (const member of this.#members) if (matches(member)) return member;
    return undefined;
  }

  has(member: T): boolean {
    return this.#members.has(member);
  }

  /** The member that has waited for longest. */
  get first(): T | undefined {
    if (this.#first !== undefined || this.#members.size === 0) return this.#first;
    // The second call begins a new iterator, after the first has come to its end.
    this.#first = this.#next() ?? this.#next();
    return this.#first;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#members.values();
  }

  #next(): T | undefined {
    this.#rest ??= this.#members.values();
    const { done, value } = this.#rest.next();
    if (!done) return value;
    this.#rest = undefined;
    return undefined;
  }
}
