/** How many intervals are kept. */
const slots = 120;

/** The dials of one span of time, in equal intervals. */
class Intervals {
  /** How long each is, in milliseconds. */
  readonly #length: number;
  readonly #done = new Uint32Array(slots);
  readonly #failed = new Uint32Array(slots);
  #last = 0;

  constructor(length: number) {
    this.#length = length;
  }

  add(at: number, hasFailed: boolean): void {
    this.#turn(at);
    const counts = hasFailed ? this.#failed : this.#done;
    counts[this.#last % slots] = (counts[this.#last % slots] as number) + 1;
  }

  /** The counts, the oldest interval first. */
  read(at: number): { done: number[]; failed: number[] } {
    this.#turn(at);
    const order = Array.from({ length: slots }, (_, index) => (this.#last + 1 + index) % slots);
    const [done, failed] = [this.#done, this.#failed].map((counts) =>
      order.map((slot) => counts[slot] as number),
    );
    return { done: done as number[], failed: failed as number[] };
  }

  /** Clears the intervals that have begun since. */
  #turn(at: number): void {
    const present = Math.floor(at / this.#length);
    for (let each = Math.max(this.#last + 1, present - slots + 1); each <= present; each += 1) {
      this.#done[each % slots] = 0;
      this.#failed[each % slots] = 0;
    }
    this.#last = Math.max(this.#last, present);
  }
}

/** How many dials have succeeded and failed, over the last two minutes and over the last hour. */
export class DialCounts {
  readonly #minutes = new Intervals(1_000);
  readonly #hour = new Intervals(30_000);

  add(at: number, hasFailed: boolean): void {
    this.#minutes.add(at, hasFailed);
    this.#hour.add(at, hasFailed);
  }

  /** The counts of 120 intervals, the oldest first: of a second, and of 30 seconds. */
  read(at: number): Record<'minutes' | 'hour', { done: number[]; failed: number[] }> {
    return { minutes: this.#minutes.read(at), hour: this.#hour.read(at) };
  }
}
