import { Gate, type DialRequester, type Gates } from '../gate/index.js';
import { leadingTo, type Endpoint } from '../primitives/endpoint.js';
import { routeOf, type RouteOptions } from './route.js';

/** A round over several endpoints. Most connections have one, and need none of this. */
interface Round {
  /** Those of the endpoints, in their order. All are held, so that they remember what has failed. */
  readonly gates: readonly Gate[];
  /** The index of the present endpoint. */
  at: number;
  /** How many endpoints in a row have failed, or were skipped, since one worked. */
  failed: number;
  /**
   * True after a failed dial, until one endpoint works or all have failed. While true, the next endpoint is dialled without
   * waiting. Skipped endpoints do not count, or flapping endpoints would be dialled in turn without any wait.
   */
  isBetween: boolean;
}

/** Chooses the endpoint of the next dial: the one that worked last, and after a failure the next in order, at once. */
export class Failover {
  readonly #gates: Gate | Round;

  constructor(endpoints: Endpoint | readonly Endpoint[], options: RouteOptions, gates: Gates) {
    const take = (given: Endpoint): Gate => {
      const endpoint = leadingTo(given, options.prelude?.target);
      return gates.take(endpoint, options.tls !== undefined, routeOf(endpoint, options));
    };
    this.#gates = isList(endpoints)
      ? { gates: endpoints.map(take), at: 0, failed: 0, isBetween: false }
      : take(endpoints);
  }

  get #round(): Round | undefined {
    return this.#gates instanceof Gate ? undefined : this.#gates;
  }

  get #failed(): number {
    return this.#round?.failed ?? 0;
  }

  get #isBetween(): boolean {
    return this.#round?.isBetween === true;
  }

  get #all(): readonly Gate[] {
    return this.#gates instanceof Gate ? [this.#gates] : this.#gates.gates;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#all.map(({ endpoint }) => endpoint);
  }

  /** The endpoint being dialled or in use, or to be dialled next. */
  get endpoint(): Endpoint {
    return this.gate.endpoint;
  }

  /** The gate to that endpoint. */
  get gate(): Gate {
    return this.#gates instanceof Gate ? this.#gates : (this.#gates.gates[this.#gates.at] as Gate);
  }

  /** How many endpoints there are. */
  get size(): number {
    return this.#gates instanceof Gate ? 1 : this.#gates.gates.length;
  }

  lifeBegan(): void {
    const round = this.#round;
    if (!round) return;
    round.failed = 0;
    round.isBetween = false;
  }

  /** A handshake is done: those that were refused, here or at other endpoints, do not count any more. */
  handshakeDone(requester: DialRequester): void {
    this.gate.handshakeDone(requester);
    if (this.#round) for (const gate of this.#all) gate.forgive(requester);
  }

  /** How many handshakes in a row were refused, at all endpoints together. */
  refusedInRow(requester: DialRequester): number {
    return this.#all.reduce((sum, gate) => sum + gate.refusedInRow(requester), 0);
  }

  /** The next endpoint is the present one from now on. */
  moveOn(): void {
    const round = this.#round;
    if (round) round.at = (round.at + 1) % round.gates.length;
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
    const round = this.#round;
    if (round) round.isBetween = round.failed % round.gates.length > 0;
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
    for (const gate of this.#all) gates.giveBack(gate, requester);
  }

  /** Skips endpoints that are known to fail and are being probed already, as long as there are others. */
  #skipFailing(): void {
    while (this.#failed < this.size - 1 && this.gate.isShut) this.#skip();
  }

  /** Moves to the next endpoint that is not known to fail. Returns false if there is none. */
  #leaveFailing(): boolean {
    const round = this.#round;
    if (!round) return false;
    const start = round.at;
    for (let passed = 1; passed < this.size; passed += 1) {
      this.moveOn();
      if (this.gate.isShut) continue;
      round.isBetween = false;
      return true;
    }
    round.at = start;
    return false;
  }

  #skip(): void {
    this.moveOn();
    if (this.#round) this.#round.failed += 1;
  }
}

function isList<T>(oneOrMore: T | readonly T[]): oneOrMore is readonly T[] {
  return Array.isArray(oneOrMore);
}
