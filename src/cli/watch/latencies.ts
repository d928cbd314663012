/** How many of the last ones are kept. */
const most = 10_000;

/** How long answers took, in milliseconds. */
export class Latencies {
  readonly #last: number[] = [];
  #count = 0;

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  add(latency: number): void {
    this.#last[this.#count++ % most] = latency;
  }

  /** The time in which that share of the last 10 000 came, by nearest rank; nothing without any. */
  percentile(share: number): number | undefined {
    const sorted = this.#last.toSorted((one, other) => one - other);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }
}
