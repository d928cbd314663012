/** A server flaps if it was lost this many times within the window, and was up before each loss. */
const few = 3;
/** In milliseconds. What is lost later begins another series. */
const window = 30_000;

/** Losses that follow each other. */
export interface Flapping {
  /** When the first one was. */
  readonly since: number;
  readonly times: number;
}

/** The losses of a server, each of a life that began after an earlier loss: a server that flaps is lost again and again. */
export class Flaps {
  /** The last few. */
  #losses: readonly number[] = [];
  #since = 0;
  #times = 0;

  add(at: number): void {
    if (at - (this.#losses.at(-1) ?? -Infinity) >= window) {
      this.#since = at;
      this.#times = 0;
    }
    this.#times += 1;
    this.#losses = [...this.#losses, at].slice(-few);
  }

  /** Nothing where it does not flap, or not any more. */
  at(moment: number): Flapping | undefined {
    const [first = -Infinity] = this.#losses;
    const isFlapping = this.#losses.length === few && moment - first < window;
    return isFlapping ? { since: this.#since, times: this.#times } : undefined;
  }
}
