import type { LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { startTimer, stopTimer } from '../../primitives/time.js';
import { lookupKey, NameLookup, type Asker, type LookupAnswer } from './name-lookup.js';

/**
 * A look-up without an answer after this many milliseconds hangs. An answer from far away takes a tenth of that, and where a packet
 * is lost, the C library asks again after seconds. To take a slow name for a hanging one costs little.
 */
export const slowAfter = 500;

/** How many names that hang are remembered. */
const mostNames = 1_000;

/** How many look-ups may ask the name servers at once: each needs a socket. */
const mostDirect = 256;

/** Look-ups that no dial waits for are dropped when there are this many queued. */
const fewest = 64;

/** How names are looked up. */
export interface LookupSources {
  /** Asks the system, which holds a thread until it has answered and cannot be cancelled. */
  readonly system: LookupFunction;
  /** Asks the name servers, which needs no thread. */
  readonly direct: LookupFunction;
  /** How many threads may look up names at once: more than that wait for one. */
  readonly places: number;
}

/**
 * The look-ups of a process: one at a time for each name and options, for all dials that want it.
 *
 * A look-up that hangs holds a thread, and there are two by default. So names that hang share one place: they wait for
 * one another, and the other places stay free for other names. A name hangs once its look-up has taken {@link slowAfter}, and until a
 * later one takes less.
 *
 * A look-up may be unable to begin because of those that hang: all places are held by them, or it would be the second of
 * the names that hang. Then the name servers are asked directly. Only addresses count there: that they know no such name
 * says little, as the system has other sources.
 *
 * A look-up that has not begun, and that no dial waits for any more, never begins.
 */
export class SharedLookups {
  readonly #sources: LookupSources;
  /** By their keys, those that are queued or running. */
  readonly #lookups: Map<string, NameLookup> = new Map();
  readonly #queue: Set<NameLookup> = new Set();
  readonly #running: Set<NameLookup> = new Set();
  /** The names that hang, the longest known first. */
  readonly #slowNames: Set<string> = new Set();
  /** How many ask the name servers. */
  #direct = 0;
  /** How many may be queued before those that no dial waits for are dropped. */
  #most = fewest;

  constructor(sources: LookupSources) {
    this.#sources = sources;
  }

  /** How many look-ups are running or wait to begin. */
  get pending(): number {
    return this.#lookups.size;
  }

  /** Calls `answer` later, once at most. It is up to the caller to ignore an answer that it no longer waits for. */
  lookup(name: string, options: LookupOptions, asker: Asker, answer: LookupAnswer): void {
    const key = lookupKey(name, options);
    const lookup = this.#lookups.get(key) ?? this.#enqueue(new NameLookup(name, options, key));
    lookup.add(asker, answer);
    this.#beginNext();
    if (this.#queue.has(lookup) && this.#isHeldUp(lookup)) this.#askDirectly(lookup);
  }

  #enqueue(lookup: NameLookup): NameLookup {
    if (this.#queue.size >= this.#most) {
      for (const each of this.#queue) if (!each.isWanted) this.#drop(each);
      this.#most = Math.max(fewest, 2 * this.#queue.size);
    }
    this.#lookups.set(lookup.key, lookup);
    this.#queue.add(lookup);
    return lookup;
  }

  #drop(lookup: NameLookup): void {
    this.#queue.delete(lookup);
    this.#lookups.delete(lookup.key);
  }

  /** Begins what may begin, and helps what may not. */
  #advance(): void {
    this.#beginNext();
    if (this.#late > 0)
      for (const lookup of this.#queue) if (this.#isHeldUp(lookup)) this.#askDirectly(lookup);
  }

  #beginNext(): void {
    while (this.#running.size < this.#sources.places) {
      const next = this.#next();
      if (!next) return;
      this.#begin(next);
    }
  }

  /** The next that may begin: names that hang come last, and one at a time. */
  #next(): NameLookup | undefined {
    let slow: NameLookup | undefined;
    for (const lookup of this.#queue) {
      if (!lookup.isWanted) this.#drop(lookup);
      else if (!this.#isSlow(lookup)) return lookup;
      else slow ??= lookup;
    }
    return [...this.#running].some((lookup) => this.#isSlow(lookup)) ? undefined : slow;
  }

  #isSlow({ name }: NameLookup): boolean {
    return this.#slowNames.has(name);
  }

  #begin(lookup: NameLookup): void {
    this.#queue.delete(lookup);
    this.#running.add(lookup);
    // After the poll: the answer may have come while the event loop was blocked.
    const timer = startTimer(slowAfter, false, () => setImmediate(() => this.#hangs(lookup)));
    const end: LookupAnswer = (...answer) => {
      if (!this.#running.delete(lookup)) return;
      stopTimer(timer);
      this.#lookups.delete(lookup.key);
      if (!lookup.isLate) this.#slowNames.delete(lookup.name);
      lookup.answer(...answer);
      this.#advance();
    };
    try {
      this.#sources.system(lookup.name, lookup.options, end);
    } catch (error) {
      end(error as NodeJS.ErrnoException, []);
    }
  }

  #hangs(lookup: NameLookup): void {
    if (!this.#running.has(lookup)) return;
    lookup.isLate = true;
    this.#slowNames.add(lookup.name);
    const [oldest = ''] = this.#slowNames;
    if (this.#slowNames.size > mostNames) this.#slowNames.delete(oldest);
    this.#advance();
  }

  /** How many running look-ups hang. */
  get #late(): number {
    let late = 0;
    for (const { isLate } of this.#running) if (isLate) late += 1;
    return late;
  }

  /** Whether a queued look-up cannot begin because of others that hang. */
  #isHeldUp(lookup: NameLookup): boolean {
    const late = this.#late;
    return late === this.#sources.places || (late > 0 && this.#isSlow(lookup));
  }

  #askDirectly(lookup: NameLookup): void {
    if (lookup.isAskedDirectly || this.#direct >= mostDirect || !lookup.isWanted) return;
    lookup.isAskedDirectly = true;
    this.#direct += 1;
    this.#sources.direct(lookup.name, lookup.options, (error, address, family) => {
      lookup.isAskedDirectly = false;
      this.#direct -= 1;
      if (error) return;
      if (this.#queue.has(lookup)) this.#drop(lookup);
      lookup.answer(null, address, family);
    });
  }
}
