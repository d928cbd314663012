import { Balancer } from './balancer.js';
import type { Candidate, Load, Picker } from './candidate.js';
import { Heap, type HeapItem } from './heap.js';
import { Ring } from './ring.js';

/** Of how many connections to the chosen endpoint the one with the fewest requests is taken. */
const choices = 8;

/**
 * Picks a ready connection to the endpoint with the fewest leases and, where there are `Requests`, requests that wait for an
 * answer; of several such endpoints, the one whose turn was longest ago. A slow server keeps them longer, and so gets fewer. Of
 * its connections, it takes the one with the fewest requests among the next 8 in turn. Logarithmic time.
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
  return new Balancer('leastLeased', <T extends Candidate>() => new LeastLeasedPicker<T>());
}

/** What decides which endpoint is next. */
interface Turn {
  readonly load: Load;
  /** When it was picked last: a greater number is later. */
  turn: number;
}

/** The candidates to one endpoint. */
interface Group<T extends Candidate> extends Turn, HeapItem {
  readonly ring: Ring<T>;
}

function comesBefore(a: Turn, b: Turn): boolean {
  const difference = a.load.leases + a.load.pending - b.load.leases - b.load.pending;
  return difference === 0 ? a.turn < b.turn : difference < 0;
}

function pendingOf({ pending }: Candidate): number {
  return pending;
}

class LeastLeasedPicker<T extends Candidate> implements Picker<T> {
  readonly #groups: Map<Load, Group<T>> = new Map();
  readonly #heap: Heap<Group<T>> = new Heap<Group<T>>(comesBefore);
  #turn = 0;

  add(candidate: T): void {
    let group = this.#groups.get(candidate.group);
    if (!group) {
      group = { load: candidate.group, ring: new Ring(), turn: ++this.#turn, index: -1 };
      this.#groups.set(candidate.group, group);
      this.#heap.add(group);
    }
    group.ring.add(candidate);
  }

  remove(candidate: T): void {
    const group = this.#groups.get(candidate.group) as Group<T>;
    group.ring.remove(candidate);
    if (!group.ring.isEmpty) return;
    this.#groups.delete(candidate.group);
    this.#heap.remove(group);
  }

  pick(): T | undefined {
    const group = this.#heap.first;
    if (!group) return undefined;
    group.turn = ++this.#turn;
    this.#heap.moved(group);
    return group.load.pending === 0 ? group.ring.pick() : group.ring.pickBy(pendingOf, choices);
  }

  leasesChanged(load: Load): void {
    const group = this.#groups.get(load);
    if (group) this.#heap.moved(group);
  }
}
