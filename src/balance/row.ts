/** An item of a row: `index` is its place there. */
export interface RowItem {
  index: number;
}

/** Items in an array without gaps. Their order means nothing, so that each operation takes constant time. */
export class Row<T extends RowItem> {
  readonly #items: T[] = [];

  get length(): number {
    return this.#items.length;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  at(index: number): T | undefined {
    return this.#items[index];
  }

  /** One by chance, which is from 0 up to, but not including, 1. */
  drawn(chance: () => number): T | undefined {
    const { length } = this.#items;
    return length < 2 ? this.#items[0] : this.#items[Math.floor(chance() * length)];
  }

  add(item: T): void {
    item.index = this.#items.length;
    this.#items.push(item);
  }

  /** The last one moves to the place that becomes free. */
  remove(item: T): void {
    const last = this.#items.pop() as T;
    if (last !== item) {
      this.#items[item.index] = last;
      last.index = item.index;
    }
    item.index = -1;
  }
}
