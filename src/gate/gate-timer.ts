import { longestDelay } from '../primitives/checks.js';
import type { DialLimit, RoomWaiter } from './dial-limit.js';
import { now, startTimer, stopTimer, type Timer } from '../primitives/time.js';

/**
 * One timer for one moment. It is replaced only when the moment, or whether it keeps the process alive, changes. For a moment
 * that has come, it waits until the manager has room for a dial.
 */
export class GateTimer implements RoomWaiter {
  /** That of all gates of the manager. */
  readonly limit: DialLimit;
  readonly #ring: () => void;
  #timer: Timer | undefined;
  #moment = Infinity;
  #keepsAlive = false;

  constructor(limit: DialLimit, ring: () => void) {
    this.limit = limit;
    this.#ring = ring;
  }

  /** Rings at a moment on the monotonic clock. For Infinity it only keeps the process alive, if it is to. */
  set(due: number, keepsAlive: boolean): void {
    const needsRoom = due <= now() && !this.limit.hasRoom;
    if (needsRoom) this.limit.wait(this);
    else this.limit.leave(this);
    const moment = needsRoom ? Infinity : due;
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

  roomCame(): void {
    this.#ring();
  }

  stop(): void {
    this.limit.leave(this);
    stopTimer(this.#timer);
    this.#timer = undefined;
  }
}
