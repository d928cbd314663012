import { endpointKey, type DiscoveredEndpoint } from '../discovery/index.js';

interface Kept {
  readonly endpoint: DiscoveredEndpoint;
  readonly until: number;
}

/**
 * Keeps an endpoint that an answer leaves out for a while: some servers give a few of many addresses with each answer, in
 * rotation. A moment is in milliseconds on the monotonic clock.
 */
export class Lingering {
  readonly #time: number;
  readonly #interval: number;
  #answer: readonly DiscoveredEndpoint[] = [];
  #answeredAt = -Infinity;
  /** What an answer has left out, by its key. */
  #kept: Map<string, Kept> = new Map();

  /** `time`: for how many milliseconds; `interval`: the longest time between two answers of one iteration. */
  constructor(time: number, interval: number) {
    this.#time = time;
    this.#interval = interval;
  }

  /** What the last answer has left out, the latest first. */
  get endpoints(): readonly DiscoveredEndpoint[] {
    return [...this.#kept.values()].toSorted((a, b) => b.until - a.until).map(({ endpoint }) => endpoint);
  }

  /** The moment at which the next of them goes; Infinity where there is none. */
  get nextEnd(): number {
    return [...this.#kept.values()].reduce((least, { until }) => Math.min(least, until), Infinity);
  }

  /** Takes an answer, without duplicates. */
  take(answer: readonly DiscoveredEndpoint[], moment: number, most: number): void {
    this.expire(moment);
    if (this.#time === 0) return;
    const isOld = moment - this.#answeredAt > this.#time + this.#interval;
    const [before, until] = [isOld ? [] : this.#answer, moment + this.#time];
    this.#answer = answer;
    this.#answeredAt = moment;
    const present = new Set(answer.map(endpointKey));
    for (const key of present) this.#kept.delete(key);
    for (const endpoint of before) {
      const key = endpointKey(endpoint);
      if (!present.has(key)) this.#kept.set(key, { endpoint, until });
    }
    // The first are those that go first.
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= most) break;
      this.#kept.delete(key);
    }
  }

  /** Lets those go whose time is over. */
  expire(moment: number): void {
    for (const [key, { until }] of this.#kept) if (until <= moment) this.#kept.delete(key);
  }
}
