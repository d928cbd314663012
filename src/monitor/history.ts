/** A change of a server's state. */
export interface Change {
  /** The number of the change: it grows by one from each to the next. */
  readonly number: number;
  /** When, in milliseconds. */
  readonly at: number;
  readonly server: number;
  readonly state: number;
}

const capacity = 8_192;

/**
 * The last changes of state of all servers, in a ring of 106 kB. It is allocated once, so that a night of trouble takes no more
 * memory than a calm one.
 */
export class History {
  readonly #moments = new Float64Array(capacity);
  readonly #servers = new Uint32Array(capacity);
  readonly #states = new Uint8Array(capacity);
  #count = 0;

  /** How many bytes it takes. */
  static readonly bytes: number = capacity * (8 + 4 + 1);

  /** The number of the next change. */
  get next(): number {
    return this.#count;
  }

  add(at: number, server: number, state: number): void {
    const place = this.#count % capacity;
    this.#moments[place] = at;
    this.#servers[place] = server;
    this.#states[place] = state;
    this.#count += 1;
  }

  /** The changes from that number on, as far as they are kept, in the order in which they were added. */
  *since(number: number): Generator<Change> {
    const { length } = this.#moments;
    for (let each = Math.max(number, this.#count - length, 0); each < this.#count; each += 1) {
      const place = each % length;
      yield {
        number: each,
        at: this.#moments[place] as number,
        server: this.#servers[place] as number,
        state: this.#states[place] as number,
      };
    }
  }
}
