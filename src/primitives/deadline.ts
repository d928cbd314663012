import { now, startTimer, stopTimer, type Timer } from './time.js';

/** What a ring may be late by although nothing has blocked the event loop, in milliseconds. */
const tolerance = 2;

/**
 * How many milliseconds more are given to a deadline that rings `late`: as many as it is late by, since the process could not
 * read in that time. `spare` is what may still be given; to begin with, that is the whole timeout.
 */
export function extensionOf(late: number, spare: number): number {
  return late > tolerance ? Math.min(late, spare) : 0;
}

/** Calls `judge` once, after the next poll: what has arrived by now is read before. */
export function afterPoll(judge: () => void): NodeJS.Immediate {
  // In a turn of the event loop, timers come before input, and immediates after it.
  return setImmediate(judge);
}

/**
 * A running deadline. While the event loop is blocked, nothing is read and no timer rings; after that, Node.js runs the timers
 * first. A verdict there would blame the peer for an answer that is in the kernel already. So a ring that is late by d gives
 * d more, at most one whole timeout in all, because a handshake takes several round trips; then one more poll.
 */
export class Deadline implements Timer {
  readonly #fire: () => void;
  #dueAt: number;
  /** How much may still be given. */
  #spare: number;
  #keepsAlive: boolean;
  #timer: Timer | undefined;
  #poll: NodeJS.Immediate | undefined;

  constructor(delay: number, keepsAlive: boolean, fire: () => void) {
    this.#fire = fire;
    this.#spare = delay;
    this.#keepsAlive = keepsAlive;
    this.#dueAt = now() + delay;
    this.#timer = startTimer(delay, keepsAlive, () => this.#ring());
  }

  ref(): this {
    this.#keepsAlive = true;
    this.#timer?.ref();
    return this;
  }

  unref(): this {
    this.#keepsAlive = false;
    this.#timer?.unref();
    return this;
  }

  stop(): void {
    stopTimer(this.#timer);
    if (this.#poll) clearImmediate(this.#poll);
  }

  /** Begins again for as long as the event loop was blocked. Returns whether it was. */
  #extend(): boolean {
    const moment = now();
    const extension = extensionOf(moment - this.#dueAt, this.#spare);
    this.#dueAt = moment + extension;
    if (extension === 0) return false;
    this.#spare -= extension;
    this.#timer = startTimer(Math.ceil(extension), this.#keepsAlive, () => this.#ring());
    return true;
  }

  #ring(): void {
    this.#timer = undefined;
    if (!this.#extend()) this.#poll = afterPoll(() => this.#judge());
  }

  /** What was read in the poll may have blocked the event loop as well. */
  #judge(): void {
    this.#poll = undefined;
    if (!this.#extend()) this.#fire();
  }
}

/**
 * Calls `fire` once after `delay` milliseconds, and after a poll; later where the event loop was blocked. `keepsAlive` says
 * whether the wait keeps the process alive.
 */
export function startDeadline(delay: number, keepsAlive: boolean, fire: () => void): Deadline {
  return new Deadline(delay, keepsAlive, fire);
}

/** Stops a deadline, in its poll as well; stopping it twice, or after it fired, does nothing. */
export function stopDeadline(deadline: Deadline | undefined): void {
  deadline?.stop();
}
