/** How many dials may be in flight, and when the next ones may begin. */
export interface Window {
  readonly size: number;
  /** How many dials may be in flight in any case. */
  readonly limit: number;
  /** Whether dials have succeeded since it was last narrow. Where dials succeed, one that fails is an exception. */
  readonly hasProof: boolean;
  /** Whether what it has learnt is void when there is no life any more. */
  readonly needsLives: boolean;
  /** When another dial may begin although it is full: one that hangs does not keep others from finding out for themselves. */
  readonly freedAt: number;
  /** When the next batch may begin. */
  readonly nextBatch: number;
  /** All dials that may begin now have begun. */
  batchBegan(now: number): void;
  /** A dial has succeeded. */
  widen(): void;
  /** It is at least so wide; with `now`, from a moment later on. */
  raise(size: number, now?: number): void;
  narrow(): void;
  /** A requester waits whose own dials take that long at most, in milliseconds. */
  limitDials(timeout: number): void;
}

/** By how much a dial may outlast the timeout of the requesters behind it, in milliseconds: most have the same timeout. */
const grace = 100;

/** How long after a raise the next batch begins, in milliseconds: by then a server has closed what it does not want. */
const proofTime = 6;

/** The window to an endpoint: it doubles each time all dials of a round have succeeded. */
export class SlowStart implements Window {
  readonly needsLives = false;
  readonly limit: number;
  hasProof = false;
  #batchedAt = -Infinity;
  /** How long a dial keeps others from dialling. */
  #patience = Infinity;
  #raisedAt = -Infinity;
  #size = 1;
  /** How many dials have succeeded since the window was last doubled or reset. */
  #credit = 0;

  constructor(widest: number) {
    this.limit = widest;
  }

  get size(): number {
    return this.#size;
  }

  get freedAt(): number {
    return Math.max(this.#batchedAt, 0) + this.#patience;
  }

  get nextBatch(): number {
    return Math.max(this.#batchedAt + this.#interval, this.#raisedAt + proofTime);
  }

  /** Long enough to see that a server closes what it accepts. A wider window follows on more dials, so it needs less time. */
  get #interval(): number {
    return this.#size === 1 ? 2 : 12 / this.#size;
  }

  batchBegan(now: number): void {
    this.#batchedAt = now;
  }

  widen(): void {
    this.hasProof = true;
    this.#credit += 1;
    if (this.#credit < this.#size || this.#size === this.limit) return;
    this.#credit = 0;
    this.#size = Math.min(2 * this.#size, this.limit);
  }

  raise(size: number, now: number = -Infinity): void {
    const wanted = Math.min(size, this.limit);
    if (wanted <= this.#size) return;
    this.#size = wanted;
    this.#credit = 0;
    this.#raisedAt = now;
  }

  narrow(): void {
    this.hasProof = false;
    this.#size = 1;
    this.#credit = 0;
  }

  limitDials(timeout: number): void {
    this.#patience = Math.min(this.#patience, timeout + grace);
  }
}

/** The window of an owner: one dial until it has succeeded; then as many as the endpoint takes. */
export class OneThenAll implements Window {
  /** What failed in its own way will fail again, whatever has succeeded before. */
  readonly hasProof = false;
  readonly needsLives = true;
  /** A login that hangs is no reason to try more of them. */
  readonly freedAt: number = Infinity;
  readonly nextBatch: number = -Infinity;
  size: number = 1;

  get limit(): number {
    return this.size;
  }

  batchBegan(): void {}

  widen(): void {
    this.size = Infinity;
  }

  raise(): void {}

  narrow(): void {
    this.size = 1;
  }

  limitDials(): void {}
}
