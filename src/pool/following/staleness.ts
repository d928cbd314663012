import { startTimer, stopTimer, type Timer } from '../../primitives/time.js';

/** How long a snapshot still holds while its source fails. The wait does not keep the process alive. */
export class Staleness {
  /** Whether it does not hold any more. */
  isOver = false;
  readonly #most: number;
  readonly #expired: () => void;
  #timer: Timer | undefined;

  constructor(most: number, expired: () => void) {
    this.#most = most;
    this.#expired = expired;
  }

  /** The source has failed. The first failure since the last good answer counts. */
  failed(): void {
    if (this.#most === Infinity || this.isOver) return;
    this.#timer ??= startTimer(this.#most, false, () => {
      this.isOver = true;
      this.#expired();
    });
  }

  /** There was a good answer. Returns whether the last snapshot did not hold any more. */
  answered(): boolean {
    const wasOver = this.isOver;
    this.stop();
    this.isOver = false;
    return wasOver;
  }

  /** There will be no answer. */
  stop(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }
}
