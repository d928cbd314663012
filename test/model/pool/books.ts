import { ConnmanError, TimeoutError, type Connection, type Lease, type Pool } from '../../../src/index.js';
import type { Findings } from '../findings.js';
import type { Tally } from '../tally.js';
import { Loan } from './loan.js';
import { counterOf, whyWrong } from './reasons.js';
import type { Request } from './request.js';
import type { StallWatch } from './stall-watch.js';
import { activePriority, isStaying, priorityOf, whyNotLent } from './usable.js';

/** A waiter must hear that it gets nothing within so many milliseconds in which the event loop turns. */
const patience = 20;

/** What must be true of the pool. */
export interface Rules {
  readonly maxWaiters: number;
  /** Whether its servers may speak unasked. */
  readonly pushes: boolean;
  /** Whether discovery, if there is one, has said something. */
  readonly hasAnswered: boolean;
  /** Whether nothing may come any more without the program's doing. */
  readonly cannotGrow: boolean;
}

/** What had gone over a socket when its last lease ended. */
interface Rest {
  readonly life: number;
  readonly read: number;
  readonly written: number;
}

interface Failure {
  readonly at: number;
  readonly waited: number;
  /** How many have been told of this very error, and have not heard of it yet. */
  owed: number;
}

/** Who waits and who has what, by the events that the pool publishes and by what its promises say: both must agree. */
export class Books {
  readonly counts = { leases: 0, interrupted: 0, waits: 0, timeouts: 0, refusals: 0, failedAcquires: 0 };
  /** Who waits, first come first. */
  readonly queue: Request[] = [];
  readonly loans: Set<Loan> = new Set();
  /** Those that were not given back in time after the end of their life. */
  readonly zombies: Set<Loan> = new Set();
  readonly #rests: Map<number, Rest> = new Map();
  #marks = 0;
  /** What those write that may write into several lives. */
  readonly lasting: Set<string> = new Set();
  /** The ids of the connections that are lent. */
  readonly lent: Set<number> = new Set();
  /** How many wait, at this very moment. */
  waiting = 0;
  isClosed = false;
  /** Whether those who waited when it was closed are served. */
  isDraining = false;
  /** Whether the program acts from inside of a callback: then the pool is in the middle of something. */
  isAside = false;
  /** The life of a connection, by its id, that must not be lent again. */
  readonly spoilt: Map<number, number> = new Map();
  readonly #findings: Findings;
  readonly #tally: Tally;
  readonly #stalls: StallWatch;
  readonly #rules: Rules;
  readonly #pool: () => Pool;
  /** The call that is under way. */
  #present: Request | undefined;
  /** Those whose wait is over, but who could abort. */
  readonly past: Request[] = [];
  /** What was lent to those who wait, and has not come to them yet. */
  readonly #granted: number[] = [];
  readonly #failures: Map<unknown, Failure> = new Map();

  constructor(pool: () => Pool, rules: Rules, findings: Findings, tally: Tally, stalls: StallWatch) {
    this.#pool = pool;
    this.#rules = rules;
    this.#findings = findings;
    this.#tally = tally;
    this.#stalls = stalls;
  }

  /** Makes a call that asks for a lease; what it leads to at once is its own. */
  calling(request: Request, call: () => void): void {
    const { waiting } = this;
    const room = this.#room;
    this.trying(request, call);
    request.calledAt = performance.now();
    if (request.at !== 'queue') return;
    this.waiting += 1;
    this.counts.waits += 1;
    this.queue.push(request);
    this.#expect(request.timeout > 0, () => `${request.name} waits, though it may not`);
    this.#expect(waiting < room, () => `${request.name} waits as number ${waiting + 1}`);
  }

  /** Does something else in the middle of a call: what it leads to is not the call's. */
  aside(act: () => void): void {
    this.isAside = true;
    this.trying(undefined, act);
    this.isAside = false;
  }

  /** Makes a call that takes what is free, or nothing. */
  trying(request: Request | undefined, call: () => void): void {
    const outer = this.#present;
    this.#present = request;
    call();
    this.#present = outer;
  }

  /** The pool has published that it lends a connection. */
  lends(connection: Connection | undefined, id: number): void {
    this.#expect(!this.lent.has(id), () => `connection ${id} is lent twice`);
    this.lent.add(id);
    this.counts.leases += 1;
    this.#tally.count('leases');
    const wrong = connection ? this.#whyNot(connection) : 'it is unknown';
    this.#expect(wrong === undefined, () => `connection ${id} is lent, but ${wrong}`);
    const present = this.#present;
    if (!present) {
      this.#granted.push(id);
      this.waiting -= 1;
      this.#expect(this.waiting >= 0, () => `connection ${id} is lent, and nobody waits`);
      return;
    }
    this.#expect(this.waiting === 0, () => `${present.name} is served before ${this.waiting} who wait`);
    this.#expect(present.at === 'queue', () => `${present.name} is ${present.at} already`);
    present.at = 'lent';
    present.lent = id;
  }

  /** The pool has published that a lease is over. */
  isReleased(id: number, connection: Connection | undefined): void {
    this.#expect(this.lent.delete(id), () => `connection ${id} is released, and was not lent`);
    if (!connection) return;
    const { life, socket } = connection;
    this.#rests.set(id, { life, read: socket.bytesRead, written: socket.bytesWritten });
  }

  /** Whether input came since its last lease although nothing was written. */
  hasStrayInput({ id, life, socket }: Connection): boolean {
    const rest = this.#rests.get(id);
    if (!rest || rest.life !== life || this.#rules.pushes) return false;
    return socket.bytesRead > rest.read && socket.bytesWritten === rest.written;
  }

  /** The pool has published that it takes a lease for lost. */
  isForfeited(id: number): void {
    const loan = [...this.loans].find(({ connection }) => connection.id === id);
    this.#expect(loan !== undefined, () => `connection ${id} is forfeited, and was not lent`);
    if (!loan) return;
    this.#expect(loan.hasEnded && !loan.isLasting, () => `the lease of ${id} is forfeited in its life`);
    loan.isForfeited = true;
    this.loans.delete(loan);
    this.zombies.add(loan);
    this.#tally.count('forfeited');
  }

  /** The pool has published that somebody gets nothing. */
  refuses(error: unknown, waited: number): void {
    this.#countFailure(error);
    const present = this.#present;
    if (present) present.at = 'refused';
    else this.waiting -= 1;
    const known = this.#failures.get(error);
    if (known) known.owed += 1;
    else this.#failures.set(error, { at: performance.now(), waited, owed: 1 });
    const isOver = present === undefined || present.timeout === 0;
    if (!(isOver && error instanceof TimeoutError)) this.#checkReason(error, present !== undefined);
  }

  /** A call has resolved: with a lease. */
  hasLease(request: Request, lease: Lease): Loan {
    this.#settle(request);
    this.#expect(!request.mustFail, () => `${request.name} gets a lease, after others who came later`);
    const { id } = lease.connection;
    if (request.at === 'queue') this.#takeTurn(request, id);
    else this.#expect(request.lent === id, () => `${request.name} gets ${id}, not ${request.lent}`);
    const isAborted = request.controller?.signal.aborted === true && request.at === 'queue';
    this.#expect(!isAborted, () => `${request.name} was aborted, and gets a lease`);
    const late = this.#lateness(request, performance.now());
    this.#expect(late <= 0, () => `${request.name} gets a lease ${late} ms too late`);
    const loan = new Loan(lease, `${this.#pool().name} ${++this.#marks}`, request.isLasting);
    if (loan.isLasting) {
      this.lasting.add(loan.mark);
      this.#tally.count('lasting leases');
    }
    this.loans.add(loan);
    return loan;
  }

  /** A call has rejected. */
  hasFailed(request: Request, error: unknown): void {
    this.#settle(request);
    const failure = this.#failures.get(error);
    this.#expect(
      failure !== undefined,
      () => `${request.name} failed, and nobody was told: ${String(error)}`,
    );
    const index = this.queue.indexOf(request);
    if (index >= 0) this.queue.splice(index, 1);
    if (!failure) return;
    failure.owed -= 1;
    if (failure.owed === 0) this.#failures.delete(error);
    if (request.at === 'queue') this.#checkFailure(request, error, failure);
    const { signal } = request.controller ?? {};
    if (signal?.aborted && error === signal.reason) this.#tally.count('aborted');
  }

  /** The program has a lease no more. */
  hasReturned(loan: Loan): void {
    loan.isOver = true;
    this.loans.delete(loan);
    this.zombies.delete(loan);
  }

  /** What holds once the promises have settled that were going to. */
  check(): void {
    const { queue } = this;
    this.#expect(this.#granted.length === 0, () => `lent to nobody: ${this.#granted.join()}`);
    this.#expect(this.#failures.size === 0, () => `${this.#failures.size} failures that nobody heard of`);
    this.#expect(this.waiting === queue.length, () => `${this.waiting} wait, not ${queue.length}`);
    this.#expect(this.lent.size === this.loans.size, () => `${this.lent.size} lent, ${this.loans.size} held`);
    const time = performance.now();
    for (const request of queue) {
      const late = this.#lateness(request, time);
      this.#expect(late <= 0, () => `${request.name} still waits, ${late} ms too late`);
      const isAborted = request.controller?.signal.aborted === true;
      this.#expect(!isAborted, () => `${request.name} still waits, though aborted`);
    }
    for (const loan of [...this.loans, ...this.zombies]) loan.check(this.#findings);
  }

  #whyNot(connection: Connection): string | undefined {
    if (this.isClosed && (this.#present || !this.isDraining)) return 'the pool is disconnected';
    const pool = this.#pool();
    const spoilt = this.spoilt.get(connection.id) ?? 0;
    if (connection.life <= spoilt) return `its life ${spoilt} was spoilt`;
    if (this.hasStrayInput(connection)) return 'something came since its last lease';
    if (priorityOf(pool, connection) !== activePriority(pool)) return 'another priority is ready';
    return whyNotLent(pool, connection);
  }

  #takeTurn(request: Request, id: number): void {
    const turn = this.#granted.shift();
    this.#expect(turn === id, () => `${request.name} gets ${id}, not ${turn}`);
    const time = performance.now();
    // Who uses hears of a failure a little later, and who is too late may be the next to hear of it.
    const mayHaveFailed = ({ isUse, earliestDeadline }: Request): boolean =>
      isUse || earliestDeadline <= time;
    for (let [first] = this.queue; first && first !== request && mayHaveFailed(first); [first] = this.queue) {
      first.mustFail = true;
      this.queue.shift();
    }
    const first = this.queue.shift();
    this.#expect(first === request, () => `${request.name} is served before ${first?.name}`);
  }

  /** How many may wait, at most: as many as there are connections that dial for the first time, if that is more. */
  get #room(): number {
    const { hasAnswered, maxWaiters } = this.#rules;
    if (!hasAnswered) return Math.max(maxWaiters, 1_000);
    const isArriving = (each: Connection): boolean => isStaying(each) && isFirst(each);
    return Math.max(maxWaiters, [...this.#pool()].filter(isArriving).length);
  }

  #settle(request: Request): void {
    this.#expect(!request.isSettled, () => `${request.name} settles twice`);
    request.isSettled = true;
    if (request.controller && this.past.push(request) > 20) this.past.shift();
  }

  #countFailure(error: unknown): void {
    this.counts[counterOf(error)] += 1;
    if (error instanceof ConnmanError) this.#tally.count(error.name);
  }

  /** Only what is true may be said. */
  #checkReason(error: unknown, isAtOnce: boolean): void {
    const { cannotGrow, maxWaiters } = this.#rules;
    const hasNone =
      cannotGrow &&
      this.#pool()
        .stats()
        .endpoints.every(({ size }) => size === 0);
    const isFull = isAtOnce && this.waiting >= maxWaiters;
    const wrong = whyWrong(error, { hasNone, isFull, isAtOnce, isClosed: this.isClosed });
    this.#expect(wrong === undefined, () => `${wrong}; ${this.waiting} of ${maxWaiters} wait`);
  }

  #checkFailure(request: Request, error: unknown, { at, waited }: Failure): void {
    if (error instanceof TimeoutError) {
      const early = request.earliestDeadline - at;
      this.#expect(early <= 0, () => `${request.name} times out ${early} ms too early`);
      this.#expect(
        error.timeout === request.timeout,
        () => `a timeout of ${error.timeout} ms for ${request.name}`,
      );
      const since = at - waited;
      const slack = patience + this.#stalls.stalledSince(request.askedAt);
      const isRight = since >= request.askedAt - 1 && since <= request.calledAt + slack;
      this.#expect(isRight, () => `${request.name} is said to have waited for ${waited} ms`);
    }
    const late = this.#lateness(request, at);
    this.#expect(late <= 0, () => `${request.name} fails ${late} ms too late: ${String(error)}`);
  }

  /** By how much more than it may be this moment is later than the request's deadline. */
  #lateness({ latestDeadline, at }: Request, moment: number): number {
    const late = moment - latestDeadline;
    if (at !== 'queue' || late <= patience) return 0;
    // A deadline that rings late gives as much again.
    return late - patience - 2 * this.#stalls.stalledSince(latestDeadline);
  }

  #expect(holds: boolean, what: () => string): void {
    this.#findings.expect(holds, () => `${this.#pool().name}: ${what()}`);
  }
}

/** Whether it has never been ready. */
function isFirst({ life, state }: Connection): boolean {
  return life === 0 || (life === 1 && state === 'handshaking');
}
