import type { DialRequester } from './dial-requester.js';
import { FairQueue } from './fair-queue.js';

/**
 * How soon a dial should begin:
 * - `urgent`: as soon as the window has room, whatever the wait.
 * - `new`: it has never dialled, or its last life has ended as planned. It waits only if the endpoint is in trouble.
 * - `normal`: when the wait is over.
 * - `doubtful`: when the wait is over, too. But its last link was lost in a handshake, which need not be the fault of the endpoint:
 *   so the others do not queue behind it.
 */
export type Urgency = 'urgent' | 'new' | 'normal' | 'doubtful';

/**
 * The requesters that wait for their turn to dial. A requester that is parked waits for something else first: it has no turn
 * meanwhile.
 */
export class DialQueue {
  readonly urgent: FairQueue = new FairQueue();
  readonly new: FairQueue = new FairQueue();
  readonly normal: FairQueue = new FairQueue();
  readonly doubtful: FairQueue = new FairQueue();
  #parked: Map<DialRequester, Urgency> | undefined;
  /** Those whose wait does not keep the process alive. */
  #unreferenced: Set<DialRequester> | undefined;

  /** How many wait, parked or not. */
  get size(): number {
    return this.active + (this.#parked?.size ?? 0);
  }

  /** How many may have a turn. */
  get active(): number {
    return this.urgent.size + this.new.size + this.normal.size + this.doubtful.size;
  }

  /** Whether the wait of one of them keeps the process alive. */
  get keepsAlive(): boolean {
    return this.size > (this.#unreferenced?.size ?? 0);
  }

  /** The urgency of the most urgent that may have a turn. */
  get urgency(): Urgency {
    if (this.urgent.size > 0) return 'urgent';
    if (this.new.size > 0) return 'new';
    return this.normal.size > 0 ? 'normal' : 'doubtful';
  }

  /** How urgent a requester is; `undefined` if it is not here. */
  urgencyOf(requester: DialRequester): Urgency | undefined {
    const parked = this.#parked?.get(requester);
    if (parked) return parked;
    if (this.urgent.has(requester)) return 'urgent';
    if (this.new.has(requester)) return 'new';
    if (this.normal.has(requester)) return 'normal';
    return this.doubtful.has(requester) ? 'doubtful' : undefined;
  }

  /** Whether any of an owner with several may have a turn. */
  hasAnyOf(owner: object): boolean {
    return [this.urgent, this.new, this.normal, this.doubtful].some((each) => each.hasAnyOf(owner));
  }

  has(requester: DialRequester): boolean {
    return this.urgencyOf(requester) !== undefined;
  }

  add(requester: DialRequester, urgency: Urgency): void {
    this[urgency].add(requester);
    this.referenced(requester);
  }

  /** Removes a requester; returns whether it was here. */
  delete(requester: DialRequester): boolean {
    this.#unreferenced?.delete(requester);
    if (this.#parked?.delete(requester)) return true;
    return [this.urgent, this.new, this.normal, this.doubtful].some((each) => each.delete(requester));
  }

  /** Removes a requester for its turn: the others of its owner go behind other owners. */
  take(requester: DialRequester, urgency: Urgency): void {
    this.#unreferenced?.delete(requester);
    this[urgency].take(requester);
  }

  /** It has no turn until {@link unpark}, but it waits. In trouble of its owner, new ones wait like all others. */
  park(requester: DialRequester, isInTrouble: boolean): void {
    const urgency = this.urgencyOf(requester);
    if (!urgency) return;
    this[urgency].delete(requester);
    this.#parked ??= new Map();
    this.#parked.set(requester, urgency === 'new' && isInTrouble ? 'normal' : urgency);
  }

  /** Goes to the end of the queue, if it is parked. In trouble, a new requester does not go before the others. */
  unpark(requester: DialRequester, isInTrouble: boolean): void {
    const urgency = this.#parked?.get(requester);
    if (!urgency) return;
    this.#parked?.delete(requester);
    this[urgency === 'new' && isInTrouble ? 'normal' : urgency].add(requester);
  }

  /** Moves a requester behind the urgent ones; does nothing if it is urgent already, or not here. */
  makeUrgent(requester: DialRequester): void {
    const urgency = this.urgencyOf(requester);
    if (!urgency || (urgency === 'urgent' && !this.#parked?.has(requester))) return;
    this.#parked?.delete(requester);
    this[urgency].delete(requester);
    this.urgent.add(requester);
  }

  /** Reads again whether a requester, which is here, keeps the process alive. */
  referenced(requester: DialRequester): void {
    if (requester.isReferenced) {
      this.#unreferenced?.delete(requester);
      return;
    }
    this.#unreferenced ??= new Set();
    this.#unreferenced.add(requester);
  }

  /** All of them, in the order of their turns; those that are parked come last. */
  toArray(): DialRequester[] {
    return [...this.urgent, ...this.new, ...this.normal, ...this.doubtful, ...(this.#parked?.keys() ?? [])];
  }
}
