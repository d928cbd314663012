/** An item of a heap: `index` is its place there. */
export interface HeapItem {
  index: number;
}

/** A binary heap whose items can be moved and removed, in logarithmic time. */
export class Heap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #comesBefore: (a: T, b: T) => boolean;

  constructor(comesBefore: (a: T, b: T) => boolean) {
    this.#comesBefore = comesBefore;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    this.#items.push(item);
    this.#put(item, this.#items.length - 1);
    this.#rise(item);
  }

  remove(item: T): void {
    const last = this.#items.pop() as T;
    if (last !== item) {
      this.#put(last, item.index);
      this.moved(last);
    }
    item.index = -1;
  }

  /** Puts an item in its place again, after a change of what decides the order. */
  moved(item: T): void {
    this.#rise(item);
    this.#sink(item);
  }

  #rise(item: T): void {
    while (item.index > 0) {
      const parent = this.#items[(item.index - 1) >> 1] as T;
      if (!this.#comesBefore(item, parent)) return;
      this.#swap(item, parent);
    }
  }

  #sink(item: T): void {
    for (let child = this.#firstChild(item); child; child = this.#firstChild(item)) {
      if (!this.#comesBefore(child, item)) return;
      this.#swap(item, child);
    }
  }

  #firstChild({ index }: T): T | undefined {
    const left = this.#items[2 * index + 1];
    const right = this.#items[2 * index + 2];
    return left && right && this.#comesBefore(right, left) ? right : left;
  }

  #swap(a: T, b: T): void {
    const { index } = a;
    this.#put(a, b.index);
    this.#put(b, index);
  }

  #put(item: T, index: number): void {
    this.#items[index] = item;
    item.index = index;
  }
}
