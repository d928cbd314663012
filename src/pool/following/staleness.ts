import { startTimer, stopTimer, type Timer } from '../../primitives/time.js';

/** How long a snapshot still holds while its source fails. The wait does not keep the process alive. */
export class Staleness {
  readonly #most: number;
  readonly #expire: () => void;
  #timer: Timer | undefined;

  constructor(most: number, expire: () => void) {
    this.#most = most;
    this.#expire = expire;
  }

  /** The source has failed. The first failure since the last good answer counts. */
  failed(): void {
    if (this.#most !== Infinity) this.#timer ??= startTimer(this.#most, false, () => this.#expire());
  }

  /** There was a good answer, or there will be none. */
  stop(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }
}
