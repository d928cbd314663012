import { formatEndpoint, isPathEndpoint, type Endpoint } from '../../primitives/endpoint.js';
import { CounterTotals } from './totals.js';

interface Entry {
  readonly endpoint: Endpoint;
  readonly counted: CounterTotals;
}

/** What the connections without a pool have done, by endpoint. */
export class EndpointTotals {
  /** With the endpoints that are gone. */
  readonly all: CounterTotals = new CounterTotals();
  readonly #byKey: Map<string, Entry> = new Map();
  /** What was asked for last: most of the time it is asked for again. */
  #last: Entry | undefined;

  of(endpoint: Endpoint): CounterTotals {
    if (this.#last?.endpoint === endpoint) return this.#last.counted;
    const key = keyOf(endpoint);
    let entry = this.#byKey.get(key);
    if (!entry) {
      entry = { endpoint, counted: new CounterTotals(this.all) };
      this.#byKey.set(key, entry);
    }
    this.#last = entry;
    return entry.counted;
  }

  get size(): number {
    return this.#byKey.size;
  }

  entries(): Iterable<Entry> {
    return this.#byKey.values();
  }

  /** Forgets all endpoints but these: what was counted there remains in the sum alone. */
  retain(endpoints: Iterable<Endpoint>): void {
    const keys = new Set(Array.from(endpoints, keyOf));
    this.#last = undefined;
    for (const key of this.#byKey.keys()) if (!keys.has(key)) this.#byKey.delete(key);
  }
}

/** The address alone: what is served there by several names, or with TLS and without, is one server. */
function keyOf(endpoint: Endpoint): string {
  return `${isPathEndpoint(endpoint) ? 'path' : 'host'} ${formatEndpoint(endpoint)}`;
}
