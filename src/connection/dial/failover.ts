import { Gate, type DialRequester, type Gates } from '../../gate/index.js';
import { leadingTo, type Endpoint } from '../../primitives/endpoint.js';
import { routeOf, type RouteOptions } from './route.js';

/** A round over several endpoints. Most connections have one, and need none of this. */
interface Round {
  /** Where they are from. */
  readonly source: Gates;
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
  /** The present endpoint, if it is not among them any more, until it is left. */
  replaced: Gate | undefined;
}

/**
 * Chooses the endpoint of the next dial: the one that worked last; after a failure the next in order, without a wait; after a
 * planned end the first.
 */
export class Failover {
  #gates: Gate | Round;

  constructor(endpoints: Endpoint | readonly Endpoint[], options: RouteOptions, gates: Gates) {
    this.#gates = isList(endpoints) ? roundOver(endpoints, options, gates) : take(endpoints, options, gates);
  }

  /** Whether there are several, or were. */
  get isMobile(): boolean {
    return this.#round !== undefined;
  }

  /** The endpoints that have replaced the present one, until it is left. */
  get successors(): readonly Endpoint[] | undefined {
    const round = this.#round;
    return round?.replaced && round.gates.map(({ endpoint }) => endpoint);
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
    if (this.#gates instanceof Gate) return [this.#gates];
    const { gates, replaced } = this.#gates;
    return replaced ? [...gates, replaced] : gates;
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
    if (this.#gates instanceof Gate) return this.#gates;
    return this.#gates.replaced ?? (this.#gates.gates[this.#gates.at] as Gate);
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

  /** A handshake is done: earlier refusals, here or at other endpoints, do not count any more. */
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

  /**
   * A life or a dial is over: goes to the first endpoint with `startsOver`, to another one with `movesOn`. A replaced endpoint is
   * left in any case.
   */
  goOn(movesOn: boolean, startsOver: boolean, requester: DialRequester): void {
    const round = this.#round;
    if (!round || this.#leaveReplaced(requester)) return;
    const { at } = round;
    if (startsOver) Object.assign(round, { at: 0, failed: 0, isBetween: false });
    if (movesOn && round.at === at) this.moveOn();
  }

  /** If the present endpoint has been replaced, the first of the others is the present one from now on. */
  #leaveReplaced(requester: DialRequester): boolean {
    const round = this.#round;
    if (!round?.replaced) return false;
    round.source.giveBack(round.replaced, requester);
    round.replaced = undefined;
    return true;
  }

  /** These take the place of all endpoints. Returns whether the present one is not among them. */
  replace(
    endpoints: readonly Endpoint[],
    gates: Gates,
    options: RouteOptions,
    requester: DialRequester,
  ): boolean {
    const present = this.gate;
    const before = this.#all;
    const round = roundOver(endpoints, options, gates);
    const at = round.gates.indexOf(present);
    if (at === -1) round.replaced = gates.hold(present);
    else round.at = at;
    this.#gates = round;
    for (const gate of before) {
      if (this.#all.includes(gate)) gates.drop(gate);
      else gates.giveBack(gate, requester);
    }
    return at === -1;
  }

  /** Comes to the gate for the first time. */
  arrive(requester: DialRequester): void {
    this.#skipFailing();
    this.gate.arrive(requester);
  }

  /** A dial has failed: queues for the next endpoint. Returns the least wait in milliseconds; `wait` is the gate's answer. */
  failOver(requester: DialRequester, wait?: number): number {
    const from = this.gate;
    if (this.#leaveReplaced(requester)) return this.queueUp(requester, from);
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
    return gate === from ? Math.max(wait ?? delay, requester.rest ?? 0) : delay;
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

function take(given: Endpoint, options: RouteOptions, gates: Gates): Gate {
  const endpoint = leadingTo(given, options.prelude?.target);
  return gates.take(endpoint, options.tls !== undefined, routeOf(endpoint, options));
}

function roundOver(endpoints: readonly Endpoint[], options: RouteOptions, source: Gates): Round {
  const gates = endpoints.map((each) => take(each, options, source));
  return { source, gates, at: 0, failed: 0, isBetween: false, replaced: undefined };
}

function isList<T>(oneOrMore: T | readonly T[]): oneOrMore is readonly T[] {
  return Array.isArray(oneOrMore);
}
