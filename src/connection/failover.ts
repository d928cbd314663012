import type { DialRequester, Gate, Gates } from '../gate/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { routeOf, type RouteOptions } from './route.js';

/** Chooses the endpoint of the next dial: the one that worked last, and after a failure the next in order, at once. */
export class Failover {
  /**
   * Those of the endpoints, in their order. All are held, so that they remember what has failed. Most connections have one
   * endpoint, and need no list.
   */
  readonly #gates: Gate | readonly Gate[];
  /** The index of the present endpoint. */
  #at = 0;
  /** How many endpoints in a row have failed, or were skipped, since one worked. */
  #failed = 0;
  /**
   * True after a failed dial, until one endpoint works or all have failed. While true, the next endpoint is dialled without
   * waiting. Skipped endpoints do not count, or flapping endpoints would be dialled in turn without any wait.
   */
  #isBetween = false;

  constructor(endpoints: Endpoint | readonly Endpoint[], options: RouteOptions, gates: Gates) {
    const take = (endpoint: Endpoint): Gate =>
      gates.take(endpoint, options.tls !== undefined, routeOf(endpoint, options));
    this.#gates = isList(endpoints) ? endpoints.map(take) : take(endpoints);
  }

  /** The endpoint being dialled or in use, or to be dialled next. */
  get endpoint(): Endpoint {
    return this.gate.endpoint;
  }

  /** The gate to that endpoint. */
  get gate(): Gate {
    return isList(this.#gates) ? (this.#gates[this.#at] as Gate) : this.#gates;
  }

  /** How many endpoints there are. */
  get size(): number {
    return isList(this.#gates) ? this.#gates.length : 1;
  }

  lifeBegan(): void {
    this.#failed = 0;
    this.#isBetween = false;
  }

  /** A handshake is done: those that were refused, here or at other endpoints, do not count any more. */
  handshakeDone(requester: DialRequester): void {
    this.gate.handshakeDone(requester);
    if (isList(this.#gates)) for (const gate of this.#gates) gate.forgive(requester);
  }

  /** How many handshakes in a row were refused, at all endpoints together. */
  refusedInRow(requester: DialRequester): number {
    const gates = isList(this.#gates) ? this.#gates : [this.#gates];
    return gates.reduce((sum, gate) => sum + gate.refusedInRow(requester), 0);
  }

  /** The next endpoint is the present one from now on. */
  moveOn(): void {
    this.#at = (this.#at + 1) % this.size;
  }

  /** Comes to the gate for the first time. */
  arrive(requester: DialRequester): void {
    this.#skipFailing();
    this.gate.arrive(requester);
  }

  /** A dial has failed: queues for the next endpoint. Returns the least wait in milliseconds; `wait` is the gate's answer. */
  failOver(requester: DialRequester, wait?: number): number {
    const from = this.gate;
    this.#skip();
    this.#isBetween = this.#failed % this.size > 0;
    return this.queueUp(requester, from, wait);
  }

  /** A life has ended as planned: queues to dial again after `rest` milliseconds. Returns the least wait. */
  queuePlanned(requester: DialRequester, rest: number): number {
    this.#skipFailing();
    return this.gate.enterPlanned(requester, rest);
  }

  /** Queues to dial. Returns the least wait in milliseconds; `wait` is the answer of the gate `from`. */
  queueUp(requester: DialRequester, from: Gate, wait?: number): number {
    this.#skipFailing();
    const { gate } = this;
    const delay = gate.enter(requester, this.#isBetween && !gate.isHopeless(requester));
    return gate === from ? (wait ?? delay) : delay;
  }

  /** The endpoint flaps: queues for another one that is not known to fail, if there is one. */
  leaveFlapping(requester: DialRequester): void {
    const { gate } = this;
    // Without a better endpoint it stays, but it is not urgent any more.
    if (!this.#leaveFailing() && !this.#isBetween) return;
    gate.leave(requester);
    this.gate.enter(requester, false);
  }

  /** No dial follows: gives the gates back. */
  end(gates: Gates, requester: DialRequester): void {
    for (const gate of isList(this.#gates) ? this.#gates : [this.#gates]) gates.giveBack(gate, requester);
  }

  /** Skips endpoints that are known to fail and are being probed already, as long as there are others. */
  #skipFailing(): void {
    while (this.#failed < this.size - 1 && this.gate.isShut) this.#skip();
  }

  /** Moves to the next endpoint that is not known to fail. Returns false if there is none. */
  #leaveFailing(): boolean {
    const start = this.#at;
    for (let passed = 1; passed < this.size; passed += 1) {
      this.moveOn();
      if (this.gate.isShut) continue;
      this.#isBetween = false;
      return true;
    }
    this.#at = start;
    return false;
  }

  #skip(): void {
    this.moveOn();
    this.#failed += 1;
  }
}

function isList<T>(oneOrMore: T | readonly T[]): oneOrMore is readonly T[] {
  return Array.isArray(oneOrMore);
}
