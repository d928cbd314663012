import { rareCounters, type Counters, type EventCount } from './counters.js';

/** What connections have done, added up. */
export class CounterTotals {
  dials = 0;
  failedDials = 0;
  lives = 0;
  bytesRead = 0;
  bytesWritten = 0;
  readonly #counts: Partial<Record<EventCount, number>> = {};

  count(what: EventCount, times: number = 1): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + times;
  }

  get counters(): Counters {
    const { dials, failedDials, lives, bytesRead, bytesWritten } = this;
    return { dials, failedDials, lives, bytesRead, bytesWritten, ...rareCounters(this.#counts) };
  }
}
