import type { DialRequester, Gate, Gates } from '../gate/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import type { ResetCode } from './stats/counters.js';

/** Ends of a life that speak against its endpoint, however long it lasted. */
const againstEndpoint: ReadonlySet<ResetCode> = new Set(['handshake', 'heartbeat', 'requested']);
/** Ends of a life that are the program's own doing, and say nothing of the endpoint. */
const ofProgram: ReadonlySet<ResetCode> = new Set(['local-end', 'max-age', 'disconnect']);

/**
 * Where the next dial goes. Endpoints are dialled in their order, from the one that worked last: when one fails, the next
 * follows at once.
 */
export class Failover {
  /** One of them, or a list: most connections have one, and need no list. */
  readonly #endpoints: Endpoint | readonly Endpoint[];
  /** In the same order. All of them are kept, so that they remember what has failed. */
  readonly #gates: Gate | readonly Gate[];
  #at = 0;
  /** How many endpoints in a row have failed, or were passed by, since one worked. */
  #failed = 0;
  /**
   * Whether a dial has failed, and not all endpoints have, since one worked or since all had: not where endpoints were only
   * passed by, or those that flap would take turns without any wait.
   */
  #isBetween = false;

  constructor(endpoints: Endpoint | readonly Endpoint[], isTls: boolean, gates: Gates) {
    this.#endpoints = endpoints;
    this.#gates = isList(endpoints)
      ? endpoints.map((endpoint) => gates.take(endpoint, isTls))
      : gates.take(endpoints, isTls);
  }

  /** The endpoint being dialled or in use, or to be dialled next. */
  get endpoint(): Endpoint {
    return isList(this.#endpoints) ? (this.#endpoints[this.#at] as Endpoint) : this.#endpoints;
  }

  /** The gate to that endpoint. */
  get gate(): Gate {
    return isList(this.#gates) ? (this.#gates[this.#at] as Gate) : this.#gates;
  }

  /** How many endpoints there are. */
  get size(): number {
    return isList(this.#endpoints) ? this.#endpoints.length : 1;
  }

  lifeBegan(): void {
    this.#failed = 0;
    this.#isBetween = false;
  }

  /** A life has ended; its end may lead on to the next endpoint. */
  lifeEnded(code: ResetCode, isStable: boolean): void {
    if (againstEndpoint.has(code) || (!isStable && !ofProgram.has(code))) this.#moveOn();
  }

  /** Comes to the gate for the first time. */
  arrive(requester: DialRequester): void {
    this.#passByFailing();
    this.gate.arrive(requester);
  }

  /** A dial has failed: waits to dial the next endpoint, and says for how long at least; `wait` is what the gate has said. */
  failOver(requester: DialRequester, wait?: number): number {
    const from = this.gate;
    this.#passBy();
    this.#isBetween = this.#failed % this.size > 0;
    return this.queueUp(requester, from, wait);
  }

  /** Waits to dial, and says for how long at least; `wait` is what the gate that it comes from has said. */
  queueUp(requester: DialRequester, from: Gate, wait?: number): number {
    this.#passByFailing();
    const { gate } = this;
    const delay = gate.enter(requester, this.#isBetween && !gate.isFlapping);
    return gate === from ? (wait ?? delay) : delay;
  }

  /** The endpoint has lost another so soon that it is not believed: goes to one that is not known to fail. */
  leaveFlapping(requester: DialRequester): void {
    const { gate } = this;
    // Where there is no better one it stays, but not in a hurry, as it may be for another that has failed.
    if (!this.#leaveFailing() && !this.#isBetween) return;
    gate.leave(requester);
    this.gate.enter(requester, false);
  }

  /** Nothing will be dialled any more. */
  end(gates: Gates): void {
    for (const gate of isList(this.#gates) ? this.#gates : [this.#gates]) gates.giveBack(gate);
  }

  /** Passes by endpoints that are known to fail, and need nobody to find out more, as long as there are others. */
  #passByFailing(): void {
    while (this.#failed < this.size - 1 && this.gate.isShut) this.#passBy();
  }

  /** Goes on to the next endpoint that is not known to fail; says whether there is one. */
  #leaveFailing(): boolean {
    const start = this.#at;
    for (let passed = 1; passed < this.size; passed += 1) {
      this.#moveOn();
      if (this.gate.isShut) continue;
      // No dial of its own has failed.
      this.#isBetween = false;
      return true;
    }
    this.#at = start;
    return false;
  }

  #passBy(): void {
    this.#moveOn();
    this.#failed += 1;
  }

  #moveOn(): void {
    this.#at = (this.#at + 1) % this.size;
  }
}

function isList<T>(oneOrMore: T | readonly T[]): oneOrMore is readonly T[] {
  return Array.isArray(oneOrMore);
}
