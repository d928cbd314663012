import type { DialRequester } from './dial-requester.js';
import { Queue } from './queue.js';

/**
 * Why somebody should not have to wait:
 * - `urgent`: it is asked for; no wait holds for it, only that not too many dial at once.
 * - `new`: it has never dialled; it waits only where the endpoint gives cause to.
 * - `normal`: it waits as long as it takes.
 */
export type Urgency = 'urgent' | 'new' | 'normal';

/** Those who wait for their turn to dial: by urgency, and first come, first served. */
export class DialQueue {
  readonly #urgent: Queue<DialRequester> = new Queue();
  readonly #new: Queue<DialRequester> = new Queue();
  readonly #normal: Queue<DialRequester> = new Queue();
  /** Those for which the program need not stay alive. */
  readonly #unreferenced: Set<DialRequester> = new Set();

  get size(): number {
    return this.#urgent.size + this.#new.size + this.#normal.size;
  }

  /** Whether the program has to stay alive for one of them. */
  get keepsAlive(): boolean {
    return this.size > this.#unreferenced.size;
  }

  /** The urgency of those who come first. */
  get urgency(): Urgency {
    if (this.#urgent.size > 0) return 'urgent';
    return this.#new.size > 0 ? 'new' : 'normal';
  }

  /** Who comes first. */
  get first(): DialRequester | undefined {
    if (this.#urgent.size > 0) return this.#urgent.first;
    return this.#new.size > 0 ? this.#new.first : this.#normal.first;
  }

  /** The first for which somebody waits. */
  get firstWanted(): DialRequester | undefined {
    return this.#urgent.find(isWanted) ?? this.#new.find(isWanted) ?? this.#normal.find(isWanted);
  }

  add(requester: DialRequester, urgency: Urgency): void {
    if (urgency === 'urgent') this.#urgent.add(requester);
    else if (urgency === 'new') this.#new.add(requester);
    else this.#normal.add(requester);
    this.referenced(requester);
  }

  /** Takes it out; says whether it was there. */
  delete(requester: DialRequester): boolean {
    if (this.#unreferenced.size > 0) this.#unreferenced.delete(requester);
    return this.#urgent.delete(requester) || this.#new.delete(requester) || this.#normal.delete(requester);
  }

  has(requester: DialRequester): boolean {
    return this.#urgent.has(requester) || this.#new.has(requester) || this.#normal.has(requester);
  }

  /** It cannot wait any more. */
  makeUrgent(requester: DialRequester): void {
    const waited = this.#new.delete(requester) || this.#normal.delete(requester);
    if (waited) this.#urgent.add(requester);
  }

  /** Whether the program has to stay alive for it, which is in here, may be another matter now. */
  referenced(requester: DialRequester): void {
    if (!requester.isReferenced) this.#unreferenced.add(requester);
    else if (this.#unreferenced.size > 0) this.#unreferenced.delete(requester);
  }

  everyone(): DialRequester[] {
    return [...this.#urgent, ...this.#new, ...this.#normal];
  }
}

function isWanted(requester: DialRequester): boolean {
  return requester.isWanted;
}
