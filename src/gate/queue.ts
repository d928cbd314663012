/** First come, first served; whoever waits may leave. All of it takes the same time, however many wait. */
export class Queue<T> {
  readonly #members: Set<T> = new Set();
  /** Kept, and not made anew: a new one would pass by all who were there before the first. */
  #rest: Iterator<T> | undefined;
  #first: T | undefined;

  get size(): number {
    return this.#members.size;
  }

  add(member: T): void {
    this.#members.add(member);
  }

  /** Takes it out; says whether it was there. */
  delete(member: T): boolean {
    if (this.#members.size === 0) return false;
    if (member === this.#first) this.#first = undefined;
    return this.#members.delete(member);
  }

  /** The first of which this is true. */
  find(isMeant: (member: T) => boolean): T | undefined {
    for (const member of this.#members) if (isMeant(member)) return member;
    return undefined;
  }

  has(member: T): boolean {
    return this.#members.has(member);
  }

  /** Who has waited for longest. */
  get first(): T | undefined {
    if (this.#first !== undefined || this.#members.size === 0) return this.#first;
    this.#first = this.#next() ?? this.#next();
    return this.#first;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#members.values();
  }

  /** Nothing once all were passed by; then it begins anew. */
  #next(): T | undefined {
    this.#rest ??= this.#members.values();
    const { done, value } = this.#rest.next();
    if (!done) return value;
    this.#rest = undefined;
    return undefined;
  }
}
