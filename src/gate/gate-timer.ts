import { longestDelay } from '../primitives/checks.js';
import { now, startTimer, stopTimer, type Timer } from '../primitives/time.js';

/** One timer that is set for a moment, and set anew only if that is another one. */
export class GateTimer {
  readonly #ring: () => void;
  #timer: Timer | undefined;
  #moment = Infinity;
  #keepsAlive = false;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Rings at that moment on the monotonic clock; until then it keeps the program alive, or not. Infinity is never. */
  set(moment: number, keepsAlive: boolean): void {
    if (this.#timer && moment === this.#moment && keepsAlive === this.#keepsAlive) return;
    stopTimer(this.#timer);
    this.#moment = moment;
    this.#keepsAlive = keepsAlive;
    const delay = Math.min(Math.max(0, Math.ceil(moment - now())), longestDelay);
    this.#timer = startTimer(delay, keepsAlive, () => {
      this.#timer = undefined;
      this.#ring();
    });
  }

  stop(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }
}
