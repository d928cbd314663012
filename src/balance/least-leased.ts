import { Balancer } from './balancer.js';
import type { Candidate, Load, Picker } from './candidate.js';
import { Heap, type HeapItem } from './heap.js';
import { Ring } from './ring.js';

/**
 * Picks a ready connection to the endpoint with the fewest leases; of several such endpoints, the one whose turn was longest
 * ago. A slow server keeps its leases longer, and so gets fewer. Logarithmic time.
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
  return a.load.leases === b.load.leases ? a.turn < b.turn : a.load.leases < b.load.leases;
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
    return group.ring.pick();
  }

  leasesChanged(load: Load): void {
    const group = this.#groups.get(load);
    if (group) this.#heap.moved(group);
  }
}
