import { phases, rareCounters, type Counters, type EventCount } from './counters.js';

/** What several connections have done together. The counters never decrease. */
export interface SharedCounters extends Counters {
  /** How many requests of a `Requests` got no answer because their life ended. */
  readonly lostRequests: number;
  /** How many leases there were whose life has ended before they did. */
  readonly interrupted: number;
}

/** What is counted for connections together. */
export type TotalCount = EventCount | 'dial' | 'life' | 'request-lost' | 'lease-interrupted';

/** Bytes that connections have read and written. */
export interface Traffic {
  bytesRead: number;
  bytesWritten: number;
}

/** What connections have done, added up. What is counted here is counted in the sum above as well, if there is one. */
export class CounterTotals {
  /** Of the lives that are over. */
  readonly past: Traffic = { bytesRead: 0, bytesWritten: 0 };
  readonly #counts: Partial<Record<TotalCount, number>> = {};
  readonly #above: CounterTotals | undefined;

  constructor(above?: CounterTotals) {
    this.#above = above;
  }

  count(what: TotalCount, times: number = 1): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + times;
    this.#above?.count(what, times);
  }

  /** A life is over: adds the bytes that it has read and written. */
  lifeOver(bytesRead: number, bytesWritten: number): void {
    this.past.bytesRead += bytesRead;
    this.past.bytesWritten += bytesWritten;
    this.#above?.lifeOver(bytesRead, bytesWritten);
  }

  /** All counters, with the bytes of the present lives, and without those of some of its parts. */
  counters(present: Readonly<Traffic>, without: Iterable<CounterTotals> = []): SharedCounters {
    const counts = { ...this.#counts };
    const bytes = { ...this.past };
    for (const part of without) {
      for (const what of Object.keys(part.#counts) as TotalCount[])
        counts[what] = (counts[what] ?? 0) - (part.#counts[what] ?? 0);
      bytes.bytesRead -= part.past.bytesRead;
      bytes.bytesWritten -= part.past.bytesWritten;
    }
    return {
      dials: counts.dial ?? 0,
      failedDials: phases.reduce((sum, phase) => sum + (counts[phase] ?? 0), 0),
      lives: counts.life ?? 0,
      bytesRead: bytes.bytesRead + present.bytesRead,
      bytesWritten: bytes.bytesWritten + present.bytesWritten,
      ...rareCounters(counts),
      lostRequests: counts['request-lost'] ?? 0,
      interrupted: counts['lease-interrupted'] ?? 0,
    };
  }
}
