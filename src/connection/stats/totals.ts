import { rareCounters, type Counters, type Rarity } from './counters.js';

/** What connections have done, added up. */
export class Tally {
  dials = 0;
  failedDials = 0;
  lives = 0;
  bytesRead = 0;
  bytesWritten = 0;
  readonly #rarities: Partial<Record<Rarity, number>> = {};

  count(what: Rarity, times: number = 1): void {
    this.#rarities[what] = (this.#rarities[what] ?? 0) + times;
  }

  get counters(): Counters {
    const { dials, failedDials, lives, bytesRead, bytesWritten } = this;
    return { dials, failedDials, lives, bytesRead, bytesWritten, ...rareCounters(this.#rarities) };
  }
}
