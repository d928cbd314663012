import { buckets, type Timing } from './table.js';

/** How many times were measured up to each bound, their number and their sum. */
export interface Histogram {
  readonly counts: number[];
  count: number;
  sum: number;
}

/** The times that were measured, by pool and by what was measured. */
export class Histograms {
  readonly #all: Record<Timing, Map<string, Histogram>> = {
    wait: new Map(),
    held: new Map(),
    connect: new Map(),
  };

  record(what: Timing, pool: string, seconds: number): void {
    const histogram = this.of(what, pool);
    const bucket = buckets.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] as number) + 1;
    histogram.count += 1;
    histogram.sum += seconds;
  }

  /** That of a pool; empty if nothing was measured. */
  of(what: Timing, pool: string): Histogram {
    const known = this.#all[what].get(pool);
    if (known) return known;
    const histogram = { counts: buckets.map(() => 0), count: 0, sum: 0 };
    this.#all[what].set(pool, histogram);
    return histogram;
  }

  /** Forgets pools that are gone. */
  retain(pools: ReadonlySet<string>): void {
    for (const histograms of Object.values(this.#all)) {
      for (const pool of histograms.keys()) if (!pools.has(pool)) histograms.delete(pool);
    }
  }
}
