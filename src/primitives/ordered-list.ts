/** Something with a number that no other has, most often greater than those before. */
export interface Numbered {
  readonly id: number;
}

/**
 * A list in the order of the numbers. To take something out leaves a gap, which is closed when somebody asks for a place, or
 * when half of the list are gaps: so to take out all of them, one by one, is not the square of the work.
 */
export class OrderedList<T extends Numbered> {
  /** A gap is the number of what was there. */
  #places: (T | number)[] = [];
  #gaps = 0;
  /** Behind the one that was taken out last: often the next to go is there. */
  #hint = 0;

  get size(): number {
    return this.#places.length - this.#gaps;
  }

  /** The one at a place from 0 to `size - 1`. */
  at(index: number): T | undefined {
    this.#closeGaps();
    return this.#places[index] as T | undefined;
  }

  /** All of them: a copy. */
  toArray(): T[] {
    return this.#places.filter(isItem);
  }

  add(item: T): void {
    const place = this.#placeOf(item.id);
    if (place === this.#places.length) this.#places.push(item);
    else this.#places.splice(place, 0, item);
  }

  /** Takes it out, if it is there. */
  delete(item: T): void {
    const place = this.#places[this.#hint] === item ? this.#hint : this.#placeOf(item.id);
    if (this.#places[place] !== item) return;
    this.#hint = place + 1;
    this.#places[place] = item.id;
    this.#gaps += 1;
    if (this.#gaps > this.#places.length / 2) this.#closeGaps();
  }

  #closeGaps(): void {
    if (this.#gaps === 0) return;
    this.#places = this.toArray();
    this.#gaps = 0;
  }

  /** Where the number is, or belongs. */
  #placeOf(id: number): number {
    let from = 0;
    let to = this.#places.length;
    if (to === 0 || numberOf(this.#places[to - 1] as T | number) < id) return to;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (numberOf(this.#places[middle] as T | number) < id) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function isItem<T extends Numbered>(place: T | number): place is T {
  return typeof place !== 'number';
}

function numberOf(place: Numbered | number): number {
  return typeof place === 'number' ? place : place.id;
}
