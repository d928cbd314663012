import type { DialRequester } from './dial-requester.js';
import { Queue } from './queue.js';

/**
 * How soon a dial should begin:
 * - `urgent`: as soon as the window has room, whatever the wait.
 * - `new`: it has never dialled. It waits only if the endpoint is in trouble.
 * - `normal`: when the wait is over.
 */
export type Urgency = 'urgent' | 'new' | 'normal';

/** The requesters that wait for their turn to dial: by urgency, then first in, first out. */
export class DialQueue {
  readonly #urgent: Queue<DialRequester> = new Queue();
  readonly #new: Queue<DialRequester> = new Queue();
  readonly #normal: Queue<DialRequester> = new Queue();
  /** Those whose wait does not keep the process alive. */
  readonly #unreferenced: Set<DialRequester> = new Set();

  get size(): number {
    return this.#urgent.size + this.#new.size + this.#normal.size;
  }

  /** Whether the wait of one of them keeps the process alive. */
  get keepsAlive(): boolean {
    return this.size > this.#unreferenced.size;
  }

  /** The urgency of the first. */
  get urgency(): Urgency {
    if (this.#urgent.size > 0) return 'urgent';
    return this.#new.size > 0 ? 'new' : 'normal';
  }

  get first(): DialRequester | undefined {
    if (this.#urgent.size > 0) return this.#urgent.first;
    return this.#new.size > 0 ? this.#new.first : this.#normal.first;
  }

  /** The first that a caller waits for. */
  get firstWanted(): DialRequester | undefined {
    return this.#urgent.find(isWanted) ?? this.#new.find(isWanted) ?? this.#normal.find(isWanted);
  }

  add(requester: DialRequester, urgency: Urgency): void {
    if (urgency === 'urgent') this.#urgent.add(requester);
    else if (urgency === 'new') this.#new.add(requester);
    else this.#normal.add(requester);
    this.referenced(requester);
  }

  /** Removes a requester; returns whether it was here. */
  delete(requester: DialRequester): boolean {
    if (this.#unreferenced.size > 0) this.#unreferenced.delete(requester);
    return this.#urgent.delete(requester) || this.#new.delete(requester) || this.#normal.delete(requester);
  }

  has(requester: DialRequester): boolean {
    return this.#urgent.has(requester) || this.#new.has(requester) || this.#normal.has(requester);
  }

  /** Moves a requester behind the urgent ones; does nothing if it is urgent already, or not here. */
  makeUrgent(requester: DialRequester): void {
    const waited = this.#new.delete(requester) || this.#normal.delete(requester);
    if (waited) this.#urgent.add(requester);
  }

  /** Reads again whether a requester, which is here, keeps the process alive. */
  referenced(requester: DialRequester): void {
    if (!requester.isReferenced) this.#unreferenced.add(requester);
    else if (this.#unreferenced.size > 0) this.#unreferenced.delete(requester);
  }

  /** All of them, in the order of their turns. */
  toArray(): DialRequester[] {
    return [...this.#urgent, ...this.#new, ...this.#normal];
  }
}

function isWanted(requester: DialRequester): boolean {
  return requester.isWanted;
}
