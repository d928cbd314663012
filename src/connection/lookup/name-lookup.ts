import { AsyncResource } from 'node:async_hooks';
import type { LookupFunction } from 'node:net';
import type { LookupAddress, LookupOptions } from 'node:dns';

export type LookupAnswer = Parameters<LookupFunction>[2];

/** A dial that waits for an answer, until it gives up. */
export interface Asker {
  readonly isCurrent: boolean;
}

interface Waiting {
  readonly asker: Asker;
  readonly answer: LookupAnswer;
}

/** Those that no longer wait are dropped when there are this many in all. */
const fewest = 16;

/** One look-up, and all that wait for its answer. */
export class NameLookup {
  readonly name: string;
  readonly options: LookupOptions;
  readonly key: string;
  /** Whether the system was asked so long ago that it hangs. */
  isLate = false;
  /** Whether the name servers are being asked as well. */
  isAskedDirectly = false;
  #waiting: Waiting[] = [];
  #most = fewest;

  constructor(name: string, options: LookupOptions, key: string) {
    this.name = name;
    this.options = options;
    this.key = key;
  }

  /** Whether a dial still waits for the answer. */
  get isWanted(): boolean {
    return this.#waiting.some(({ asker }) => asker.isCurrent);
  }

  /** Adds one that waits. Its answer comes in the async context of this call. */
  add(asker: Asker, answer: LookupAnswer): void {
    if (this.#waiting.length >= this.#most) {
      this.#waiting = this.#waiting.filter((each) => each.asker.isCurrent);
      this.#most = Math.max(fewest, 2 * this.#waiting.length);
    }
    this.#waiting.push({ asker, answer: AsyncResource.bind(answer) });
  }

  /** Answers all that wait, each in a call of its own, with a list of its own: an answer runs user code, which may throw. */
  answer(error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { answer } of waiting) process.nextTick(answer, error, copyOf(address), family);
  }
}

/** Whether two calls of `dns.lookup()` with these have the same answer. */
export function lookupKey(name: string, options: LookupOptions): string {
  const { family, hints, all, order, verbatim } = options;
  return [family, hints, all, order, verbatim, name].join(' ');
}

function copyOf(address: string | LookupAddress[]): string | LookupAddress[] {
  return Array.isArray(address) ? address.map((each) => ({ ...each })) : address;
}
