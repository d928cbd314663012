/** A gate with a dial that may begin, for which there is no room. */
export interface RoomWaiter {
  /** There is room for one dial, until this returns. */
  roomCame(): void;
}

/**
 * Bounds the dials in flight of all gates of a manager: a snapshot of thousands of endpoints would otherwise take a descriptor
 * for each of them at once. Gates that wait for room take turns, one dial each, first come, first served.
 */
export class DialLimit {
  readonly #most: number;
  #dialling = 0;
  readonly #waiting: Set<RoomWaiter> = new Set();
  /** While a gate that waited has its turn, until it has begun its dial. */
  #isTurn = false;
  #isScheduled = false;

  constructor(most: number = Infinity) {
    this.#most = most;
  }

  /** How many gates wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether a dial may begin now. Those that wait go first. */
  get hasRoom(): boolean {
    return this.#dialling < this.#most && (this.#isTurn || this.#waiting.size === 0);
  }

  began(): void {
    this.#dialling += 1;
    this.#isTurn = false;
  }

  /** A dial has succeeded or failed, or was called off. */
  ended(): void {
    this.#dialling -= 1;
    this.#schedule();
  }

  /** Waits for room; one that waits already keeps its place. */
  wait(waiter: RoomWaiter): void {
    this.#waiting.add(waiter);
    this.#schedule();
  }

  leave(waiter: RoomWaiter): void {
    this.#waiting.delete(waiter);
  }

  /** A dial runs code of the user's, and must not begin in the middle of a change. */
  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0 || this.#dialling >= this.#most) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#serve();
    });
  }

  #serve(): void {
    // One that comes back to the queue has had its turn.
    let turns = this.#waiting.size;
    for (const waiter of this.#waiting) {
      if (turns === 0 || this.#dialling >= this.#most) break;
      turns -= 1;
      this.#waiting.delete(waiter);
      this.#isTurn = true;
      try {
        waiter.roomCame();
      } finally {
        this.#isTurn = false;
      }
    }
    this.#schedule();
  }
}
