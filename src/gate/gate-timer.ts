import { longestDelay } from '../primitives/checks.js';
import { now, startTimer, stopTimer, type Timer } from '../primitives/time.js';

/** One timer for one moment. It is replaced only when the moment, or whether it keeps the process alive, changes. */
export class GateTimer {
  readonly #ring: () => void;
  #timer: Timer | undefined;
  #moment = Infinity;
  #keepsAlive = false;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Rings at a moment on the monotonic clock. For Infinity it only keeps the process alive, if it is to. */
  set(moment: number, keepsAlive: boolean): void {
    if (this.#timer && moment === this.#moment && keepsAlive === this.#keepsAlive) return;
    stopTimer(this.#timer);
    this.#moment = moment;
    this.#keepsAlive = keepsAlive;
    // A moment beyond the longest delay rings early; the gate then finds nothing to do and sets it again.
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
