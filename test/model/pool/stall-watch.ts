interface Gap {
  readonly begin: number;
  readonly end: number;
}

/** Shorter turns are of no account, in milliseconds. */
const short = 2;
const remembered = 100;

/** Knows how long the turns of the event loop took, as its owner says when one is over. */
export class StallWatch {
  #gaps: Gap[] = [];
  #last = performance.now();

  /** A turn is over. */
  turned(): void {
    const end = performance.now();
    if (end - this.#last > short) this.#gaps.push({ begin: this.#last, end });
    if (this.#gaps.length > 2 * remembered) this.#gaps = this.#gaps.slice(-remembered);
    this.#last = end;
  }

  /** How long the long turns took that were not over at this moment, and the present one, in milliseconds. */
  stalledSince(moment: number): number {
    const present = performance.now() - this.#last;
    return this.#gaps
      .filter(({ end }) => end >= moment)
      .reduce((sum, { begin, end }) => sum + end - begin, present);
  }
}
