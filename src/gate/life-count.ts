/** How many lives there are, and how many of them are known to be stable. */
export class LifeCount {
  #count = 0;
  /** Since when there has been at least one without a break. */
  #since = 0;
  #lastBornAt = -Infinity;
  /** How many of them were stable when the last one began after a pause; others have become stable since. */
  #wereStable = 0;

  get count(): number {
    return this.#count;
  }

  began(now: number, stableAfter: number): void {
    this.#wereStable = this.stable(now, stableAfter);
    this.#lastBornAt = now;
    this.#count += 1;
    if (this.#count === 1) this.#since = now;
  }

  /** One of them has ended, or one from before the count began. */
  ended(): void {
    if (this.#count > 0) this.#count -= 1;
  }

  /** Whether there has been one for so long. */
  areStable(now: number, stableAfter: number): boolean {
    return this.#count > 0 && now - this.#since >= stableAfter;
  }

  /** How many have lasted for so long, at least. */
  stable(now: number, stableAfter: number): number {
    return now - this.#lastBornAt >= stableAfter ? this.#count : Math.min(this.#wereStable, this.#count);
  }
}
