import { now } from '../../primitives/time.js';

/** What a pool knows of its discovery: a frozen snapshot. */
export interface DiscoveryStats {
  /** How many endpoints the last good snapshot has, before `subset`; 0 after `maxStale`. */
  readonly endpoints: number;
  /** How many connections it wants. */
  readonly wanted: number;
  /** How many of these the pool does not have. */
  readonly missing: number;
  /**
   * How many of the missing ones are not opened again by themselves: they failed in a way that trying again cannot mend. They are
   * opened by `refresh()`, and when their endpoint has left and comes back.
   */
  readonly refused: number;
  /** How many good snapshots there were. */
  readonly snapshots: number;
  /** How often the source failed, wholly or in part, or gave an unusable snapshot. */
  readonly failures: number;
  /** How often it failed wholly since its last good answer. */
  readonly failuresInRow: number;
  /** What went wrong since the answer before the last one; `undefined` after a good answer. */
  readonly error: unknown;
  /** Milliseconds since the last good answer, changed or not; `undefined` before the first. */
  readonly age: number | undefined;
  /** What the source has reported of itself last: see `DiscoveryContext`. */
  readonly source: Readonly<Record<string, unknown>> | undefined;
}

/** How many connections a pool wants and lacks. */
type Counts = Pick<DiscoveryStats, 'wanted' | 'missing' | 'refused'>;

/** Counts what a source says. */
export class DiscoveryRecord {
  #endpoints = 0;
  #isExpired = false;
  #snapshots = 0;
  #failures = 0;
  #failuresInRow = 0;
  #error: unknown;
  /** What has failed of the next answer. */
  #partOf: unknown;
  #answered: number | undefined;
  #source: Readonly<Record<string, unknown>> | undefined;

  snapshot(endpoints: number): void {
    this.#endpoints = endpoints;
    this.#snapshots += 1;
    this.confirmed();
  }

  confirmed(): void {
    this.#answered = now();
    this.#failuresInRow = 0;
    this.#isExpired = false;
    this.#error = this.#partOf;
    this.#partOf = undefined;
  }

  failed(error: unknown): void {
    this.failedInPart(error);
    this.#partOf = undefined;
    this.#failuresInRow += 1;
  }

  failedInPart(error: unknown): void {
    this.#failures += 1;
    this.#error = error;
    this.#partOf = error;
  }

  reported(figures: object): void {
    this.#source = Object.freeze({ ...figures });
  }

  /** The last snapshot does not hold any more. */
  expired(): void {
    this.#isExpired = true;
  }

  stats(counts: Counts): DiscoveryStats {
    return Object.freeze({
      endpoints: this.#isExpired ? 0 : this.#endpoints,
      ...counts,
      snapshots: this.#snapshots,
      failures: this.#failures,
      failuresInRow: this.#failuresInRow,
      error: this.#error,
      age: this.#answered === undefined ? undefined : now() - this.#answered,
      source: this.#source,
    });
  }
}
