import { longestDelay } from '../primitives/checks.js';
import { startTimer, stopTimer, type Timer } from '../primitives/time.js';
import type { DialRequester } from './dial-requester.js';
import type { OwnerLineHost } from './owner-line.js';

/** Requesters that would dial again too soon after their last dial: each is parked for a moment. */
export class Rests {
  readonly #host: OwnerLineHost;
  #timers: Map<DialRequester, Timer> | undefined;

  constructor(host: OwnerLineHost) {
    this.#host = host;
  }

  /** It has no turn until that time has passed. */
  begin(requester: DialRequester, milliseconds: number): void {
    this.#host.queue.park(requester, false);
    if (milliseconds === Infinity) return;
    this.#timers ??= new Map();
    // The timer of the gate keeps the process alive.
    const timer = startTimer(Math.min(Math.ceil(milliseconds), longestDelay), false, () => {
      this.#timers?.delete(requester);
      const rest = requester.rest ?? 0;
      // A timer may ring a moment too early.
      if (rest > 0) return this.begin(requester, rest);
      this.#host.queue.unpark(requester, this.#host.isInTrouble);
      this.#host.plan();
    });
    this.#timers.set(requester, timer);
  }

  /** It does not wait here any more, or does not rest. */
  end(requester: DialRequester): void {
    stopTimer(this.#timers?.get(requester));
    this.#timers?.delete(requester);
  }
}
