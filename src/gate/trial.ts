/**
 * After early losses, a new life has to last before others follow. Requesters whose own wait is shorter may dial before, one after
 * the other: no wait is longer than their backoff asks for.
 */
export class Trial {
  /** When it is over. */
  #end: number | undefined;
  /** The shortest wait that one of the requesters would have by itself, in milliseconds. */
  #patience = Infinity;

  get isOn(): boolean {
    return this.#end !== undefined;
  }

  /** Begins; returns when the next dial may. */
  begin(now: number, length: number): number {
    this.#end = now + length;
    this.#patience = Infinity;
    return this.#end;
  }

  stop(): void {
    this.#end = undefined;
  }

  isOver(now: number): boolean {
    return this.#end !== undefined && now >= this.#end;
  }

  /** A requester waits whose own wait is that long. */
  limit(patience: number): void {
    this.#patience = Math.min(this.#patience, patience);
  }

  /** When the next dial may begin, after the last one or the beginning. */
  nextAfter(now: number): number {
    return Math.min(this.#end ?? Infinity, now + this.#patience);
  }
}
