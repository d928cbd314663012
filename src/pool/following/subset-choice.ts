import { exponential, type Backoff } from '../../backoff/index.js';
import { endpointKey, type DiscoveredEndpoint } from '../../discovery/index.js';
import { now, startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import type { Subset } from './subset-options.js';
import { chooseSubset } from './subset.js';

/** How long an endpoint that has failed as a stand-in is not tried again, in milliseconds. */
const rest = 30_000;
const firstBackoff = (): Backoff => exponential({ factor: 2 });

/**
 * The endpoints of a subset: the first ones in rendezvous order, which are always dialled, and, for those of them that are dead,
 * the next ones that are not. These are given back when the first ones are ready again. If stand-ins fail as well, others are
 * tried after growing waits: where the network is down, a process must not dial a whole fleet at once.
 */
export class SubsetChoice {
  readonly #subset: Subset;
  readonly #changed: () => void;
  #endpoints: readonly DiscoveredEndpoint[] = [];
  /** The endpoints that are dead, by key, and until when they count as such. */
  readonly #dead: Map<string, number> = new Map();
  /** The keys of the endpoints that would be in use if none was dead. */
  #first: ReadonlySet<string> = new Set();
  /** Stand-ins that have failed, until others are tried. */
  readonly #failed: Map<string, number> = new Map();
  #backoff = firstBackoff();
  #timer: Timer | undefined;

  /** `changed` is called when `chosen()` may have another answer. */
  constructor(subset: Subset, changed: () => void) {
    this.#subset = subset;
    this.#changed = changed;
  }

  /** The keys of the endpoints that are dialled only to see when they are back. */
  get dead(): readonly string[] {
    return [...this.#dead.keys()].filter((key) => this.#first.has(key));
  }

  /** Another snapshot. */
  take(endpoints: readonly DiscoveredEndpoint[]): void {
    this.#endpoints = endpoints;
    const keys = new Set(endpoints.map(endpointKey));
    for (const marks of [this.#dead, this.#failed]) {
      for (const key of marks.keys()) if (!keys.has(key)) marks.delete(key);
    }
  }

  /** A dial or a handshake has failed, and no connection to the endpoint is ready; `isForGood`: it is not dialled again. */
  failed(key: string, isForGood: boolean): void {
    if (!this.#first.has(key)) {
      this.#failed.set(key, isForGood ? Infinity : now() + rest);
      this.#timer ??= this.#startStep();
    } else if (!this.#dead.has(key)) {
      this.#dead.set(key, Infinity);
      this.#changed();
    } else if (this.#wake()) {
      this.#changed();
    }
  }

  /** A connection to the endpoint is ready. */
  recovered(key: string): void {
    this.#failed.delete(key);
    this.#backoff = firstBackoff();
    if (this.#dead.delete(key)) this.#changed();
  }

  /** Forgets which endpoints have failed as stand-ins. */
  refresh(): void {
    this.#failed.clear();
    for (const key of this.#dead.keys()) if (!this.#first.has(key)) this.#dead.delete(key);
  }

  stop(): void {
    stopTimer(this.#timer);
  }

  /** The endpoints to use now, in the order of the snapshot. */
  chosen(): readonly DiscoveredEndpoint[] {
    const { key, size } = this.#subset;
    const choose = (endpoints: readonly DiscoveredEndpoint[]): string[] =>
      chooseSubset(endpoints, size, key, endpointKey).map(endpointKey);
    const first: Set<string> = new Set();
    const all: Set<string> = new Set();
    for (const endpoints of byPriority(this.#endpoints)) {
      for (const each of choose(endpoints)) first.add(each);
      const alive = endpoints.filter((each) => !this.#dead.has(endpointKey(each)));
      if (alive.length < endpoints.length) for (const each of choose(alive)) all.add(each);
    }
    this.#first = first;
    for (const each of first) all.add(each);
    return this.#endpoints.filter((each) => all.has(endpointKey(each)));
  }

  /** Lets endpoints be tried again that have failed long ago. */
  #wake(): boolean {
    const due = [...this.#dead].filter(([, until]) => until <= now());
    for (const [key] of due) this.#dead.delete(key);
    return due.length > 0;
  }

  #startStep(): Timer {
    const { delay } = this.#backoff;
    this.#backoff = this.#backoff.next();
    return startTimer(delay, false, () => {
      this.#timer = undefined;
      for (const [key, until] of this.#failed) this.#dead.set(key, until);
      this.#failed.clear();
      this.#wake();
      this.#changed();
    });
  }
}

/** The endpoints of each priority. */
function byPriority(endpoints: readonly DiscoveredEndpoint[]): Iterable<readonly DiscoveredEndpoint[]> {
  const all = new Map<number, DiscoveredEndpoint[]>();
  for (const endpoint of endpoints) {
    const { priority = 0 } = endpoint;
    const same = all.get(priority);
    if (same) same.push(endpoint);
    else all.set(priority, [endpoint]);
  }
  return all.values();
}
