import { states } from './kinds.js';
import { formatCount, formatSpan } from './span.js';

/** How many of the last leases count, about. */
const memory = 8;
/** A lease that takes less is never slow, in milliseconds. */
const slowest = 100;
/** How many times as long as with the other servers. */
const times = 5;
/** Until ready, a connection may take as long, in milliseconds. */
const slowStart = 1_000;
/** A server may hold all of its leases for this long, in milliseconds, and for this many times as long as a lease takes otherwise. */
const standstill = 1_500;
const standstillTimes = 10;
/** What was measured earlier says nothing of now, in milliseconds. */
const longest = 60_000;

/** Why a server is slow, or gives no answers at all, although its connections are ready. */
export interface Slowness {
  readonly state: typeof states.slow | typeof states.silent;
  readonly since: number;
  readonly reason: string;
}

/** How fast a server is: a moving average of how long leases are held, and how long its last connection took to be ready. */
export class Pace {
  #held = 0;
  #leases = 0;
  #started = 0;
  #at = 0;
  #leased = 0;
  /** Since when there are leases, and none was given back. */
  #busySince: number | undefined;
  #slowSince: number | undefined;

  addLease(held: number, at: number): void {
    this.#leases += 1;
    this.#held += (held - this.#held) / Math.min(this.#leases, memory);
    this.#at = at;
    if (this.#busySince !== undefined) this.#busySince = at;
  }

  /** A connection was ready after so long. */
  addStart(took: number, at: number): void {
    this.#started = took;
    this.#at = at;
  }

  /** So many leases are held. */
  noteLeased(leased: number, at: number): void {
    this.#leased = leased;
    this.#busySince = leased > 0 ? (this.#busySince ?? at) : undefined;
  }

  /** How long a lease is held, where enough were to say so. */
  held(at: number): number | undefined {
    return this.#leases >= 3 && at - this.#at < longest ? this.#held : undefined;
  }

  /** Why it is slow, if it is: `others` is how long a lease is held with the other servers. */
  slowness(others: number | undefined, at: number): Slowness | undefined {
    const stopped = this.#standstill(others, at);
    if (stopped) return stopped;
    const reason = this.#slowReason(others, at);
    this.#slowSince = reason === undefined ? undefined : (this.#slowSince ?? at);
    return reason === undefined ? undefined : { state: states.slow, since: this.#slowSince ?? at, reason };
  }

  #standstill(others: number | undefined, at: number): Slowness | undefined {
    const usual = this.held(at) ?? others;
    if (this.#busySince === undefined || usual === undefined) return undefined;
    const lasts = at - this.#busySince;
    if (lasts < standstill || lasts < standstillTimes * usual) return undefined;
    const leases = formatCount(this.#leased, 'lease');
    return { state: states.silent, since: this.#busySince, reason: `${leases}, none given back` };
  }

  #slowReason(others: number | undefined, at: number): string | undefined {
    const held = this.held(at);
    if (held !== undefined && others !== undefined && held >= slowest && held >= times * others)
      return `a lease takes ${formatSpan(held)} here, ${formatSpan(others)} elsewhere`;
    if (this.#started < slowStart || at - this.#at >= longest) return undefined;
    return `a connection took ${formatSpan(this.#started)} to be ready`;
  }
}

/** The middle of some numbers; nothing where there are none. */
export function median(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
