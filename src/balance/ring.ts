/** An item of a ring, with its neighbours there. */
export interface RingItem {
  next: RingItem | undefined;
  previous: RingItem | undefined;
}

/** Items in turn: one that was picked or added is the last of the round. Constant time. */
export class Ring<T extends RingItem> {
  #first: RingItem | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  add(item: T): void {
    this.#length += 1;
    const first = this.#first;
    if (first) {
      const last = first.previous as RingItem;
      item.next = first;
      item.previous = last;
      last.next = item;
      first.previous = item;
    } else {
      item.next = item;
      item.previous = item;
      this.#first = item;
    }
  }

  /** Adds an item whose turn is next. */
  addFirst(item: T): void {
    this.add(item);
    this.#first = item;
  }

  /** Adds an item whose turn is after that of another one. */
  addAfter(previous: T, item: T): void {
    this.#length += 1;
    const next = previous.next as RingItem;
    item.next = next;
    item.previous = previous;
    next.previous = item;
    previous.next = item;
  }

  remove(item: T): void {
    this.#length -= 1;
    const next = item.next as RingItem;
    const previous = item.previous as RingItem;
    item.next = undefined;
    item.previous = undefined;
    if (next === item) {
      this.#first = undefined;
      return;
    }
    previous.next = next;
    next.previous = previous;
    if (this.#first === item) this.#first = next;
  }

  /** Of the next `choices` in turn, the first with the least of something. It is the last of the round then. */
  pickBy(amount: (item: T) => number, choices: number): T | undefined {
    const first = this.#first as T | undefined;
    if (!first) return undefined;
    let [chosen, least] = [first, amount(first)];
    let each = first.next as T;
    for (let seen = 1; seen < choices && each !== first && least > 0; seen += 1) {
      const found = amount(each);
      if (found < least) [chosen, least] = [each, found];
      each = each.next as T;
    }
    this.remove(chosen);
    this.add(chosen);
    return chosen;
  }

  pick(): T | undefined {
    const first = this.#first;
    if (first) this.#first = first.next;
    return first as T | undefined;
  }
}
