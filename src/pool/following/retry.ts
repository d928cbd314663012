import { now, startTimer, stopTimer, type Timer } from '../../primitives/time.js';

/** When a source that has failed is asked again, in milliseconds from now. */
interface RetryTimes {
  readonly delay: number;
  /** If one of its endpoints fails. */
  readonly least: number;
}

/** The wait before a source that has failed is asked again. */
export class Retry {
  readonly #keepsAlive: boolean;
  readonly #again: () => void;
  readonly #soonest: number;
  #due: number;
  #timer: Timer | undefined;

  constructor({ delay, least }: RetryTimes, keepsAlive: boolean, again: () => void) {
    this.#keepsAlive = keepsAlive;
    this.#again = again;
    this.#soonest = now() + least;
    this.#due = now() + delay;
    this.#start();
  }

  /** An endpoint fails, and the source may know better by now. */
  hasten(): void {
    if (this.#due <= this.#soonest) return;
    this.#due = this.#soonest;
    this.stop();
    this.#start();
  }

  stop(): void {
    stopTimer(this.#timer);
  }

  #start(): void {
    this.#timer = startTimer(Math.max(0, this.#due - now()), this.#keepsAlive, this.#again);
  }
}
