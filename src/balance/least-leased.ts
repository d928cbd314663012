import { Balancer } from './balancer.js';
import type { Candidate, Load } from './candidate.js';
import { EndpointPicker, strengthOf, type Crowd, type Place } from './endpoint-picker.js';
import { Heap } from './heap.js';
import type { Level } from './levels.js';
import { Ring } from './ring.js';

/** Of how many connections to the chosen endpoint the one with the fewest requests is taken. */
const choices = 8;

/**
 * Picks a ready connection to the endpoint with the fewest leases and, where there are `Requests`, requests that wait for an
 * answer, in proportion to its weight; of several such endpoints, the one whose turn was longest ago. A slow server keeps them
 * longer, and so gets fewer. Of its connections, it takes the one with the fewest requests among the next 8 in turn. Logarithmic
 * time.
 *
 * @example
 * ```ts
 * import { createPool, leastLeased, type Handler, type Pool } from 'connman';
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { pick: leastLeased() });
 * }
 * ```
 */
export function leastLeased(): Balancer<unknown> {
  return leastLeasedBy(Math.random);
}

/** As {@link leastLeased}; `chance` draws a number from 0 up to, but not including, 1. */
export function leastLeasedBy(chance: () => number): Balancer<unknown> {
  return new Balancer(
    'leastLeased',
    <T extends Candidate>() =>
      new EndpointPicker<T, Ring<T>, LeastBusy<T>>({
        chance,
        shareOf: strengthOf,
        connections: () => new Ring(),
        endpoints: () => new LeastBusy(),
        choose: (levels) => {
          const place = levels.next(leastOf)?.endpoints.pick();
          return place && take(place);
        },
        take,
        moved: (place) => (place.level.endpoints as LeastBusy<T>).moved(place),
      }),
  );
}

function take<T extends Candidate>({ load, candidates }: Place<T, Ring<T>>): T | undefined {
  return load.pending === 0 ? candidates.pick() : candidates.pickBy(pendingOf, choices);
}

function busyness({ leases, pending }: Load): number {
  return leases + pending;
}

function leastOf({ endpoints }: Level<{ readonly first: { readonly load: Load } | undefined }>): number {
  return endpoints.first ? busyness(endpoints.first.load) : Infinity;
}

function pendingOf({ pending }: Candidate): number {
  return pending;
}

interface Turn {
  readonly load: Load;
  readonly turn: number;
}

function comesBefore(a: Turn, b: Turn): boolean {
  const difference = busyness(a.load) - busyness(b.load);
  return difference === 0 ? a.turn < b.turn : difference < 0;
}

/** The endpoints of one share, the least busy first. */
class LeastBusy<T extends Candidate> implements Crowd<Place<T, Ring<T>>> {
  readonly #heap: Heap<Place<T, Ring<T>>> = new Heap<Place<T, Ring<T>>>(comesBefore);
  #turn = 0;
  #firstTurn = 0;

  get isEmpty(): boolean {
    return this.first === undefined;
  }

  get first(): Place<T, Ring<T>> | undefined {
    return this.#heap.first;
  }

  add(place: Place<T, Ring<T>>): void {
    place.turn = ++this.#turn;
    this.#heap.add(place);
  }

  addFirst(place: Place<T, Ring<T>>): void {
    place.turn = --this.#firstTurn;
    this.#heap.add(place);
  }

  remove(place: Place<T, Ring<T>>): void {
    this.#heap.remove(place);
  }

  moved(place: Place<T, Ring<T>>): void {
    this.#heap.moved(place);
  }

  /** The least busy one, which has its turn now. */
  pick(): Place<T, Ring<T>> | undefined {
    const { first } = this;
    if (!first) return undefined;
    first.turn = ++this.#turn;
    this.#heap.moved(first);
    return first;
  }
}
