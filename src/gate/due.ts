/** The end of a wait. */
export class Due {
  /** Before it, only urgent dials begin. */
  at: number = -Infinity;
  /** The end of the wait that began after the last dial in turn. Until the next one, urgent dials do not postpone it. */
  #owed: number | undefined;
  #isTaken = false;

  /** Whether a dial in turn has begun since the last wait began. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** There is no wait. Those who waited may not have had their turn yet. */
  clear(): void {
    this.at = -Infinity;
  }

  /** No requester waits, so no turn is owed. */
  forget(): void {
    this.#owed = undefined;
  }

  /** A dial begins that had to wait. */
  turnTaken(): void {
    this.#owed = undefined;
    this.#isTaken = true;
  }

  /** A wait begins, which ends then, or when one before it would have. */
  wait(until: number): void {
    this.#isTaken = false;
    this.at = Math.min(until, this.#owed ?? Infinity);
    this.#owed = this.at;
  }

  /** After a dial in turn, the same wait goes on until then. */
  again(until: number): void {
    this.#isTaken = false;
    this.at = until;
  }

  /** It ends then at the latest. */
  shorten(until: number): void {
    if (until >= this.at) return;
    this.at = until;
    this.#owed = until;
  }
}
