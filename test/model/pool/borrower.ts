import { LifeEndedError, type Connection, type Lease, type Pool } from '../../../src/index.js';
import type { Findings } from '../findings.js';
import { Ledger } from '../ledger.js';
import type { Tally } from '../tally.js';
import { Books, type Rules } from './books.js';
import type { Loan } from './loan.js';
import type { PoolSetup } from './pool-setup.js';
import { Request } from './request.js';
import type { StallWatch } from './stall-watch.js';
import { activePriority, isUp, priorityOf, whyNotLent } from './usable.js';

/** What becomes of a lease: the program keeps it, or gives it back as soon as it has it. */
export type Plan = 'keep' | 'return';

/** How the program asks. */
export interface Asking {
  readonly timeout: number | undefined;
  readonly canAbort: boolean;
  readonly lasting?: boolean;
}

/** The part of a program that takes leases and gives them back. */
export abstract class Borrower {
  readonly findings: Findings;
  readonly tally: Tally;
  readonly books: Books;
  readonly ledger: Ledger;
  abstract readonly setup: PoolSetup;
  abstract readonly pool: Pool;
  /** What to do with the leases to come. */
  plan: Plan = 'keep';
  #requests = 0;

  constructor(rules: Rules, findings: Findings, tally: Tally, stalls: StallWatch) {
    this.findings = findings;
    this.tally = tally;
    this.ledger = new Ledger(findings);
    this.books = new Books(() => this.pool, rules, findings, tally, stalls);
  }

  /** Asks for a lease. */
  acquire(asking: Asking): Request {
    return this.#acquire(this.#request(false, asking), asking.timeout);
  }

  #acquire(request: Request, timeout: number | undefined): Request {
    this.books.calling(request, () => {
      const promise = this.pool.acquire(this.#options(request, timeout));
      this.ledger.promise(request.name, promise, () => undefined);
      promise.then(
        (lease) => this.#got(request, lease),
        (error: unknown) => this.books.hasFailed(request, error),
      );
    });
    return request;
  }

  /** Asks for a lease that ends with a function. */
  use(asking: Asking, work: (loan: Loan) => void | Promise<void>): Request {
    const request = this.#request(true, asking);
    let loan: Loan | undefined;
    this.books.calling(request, () => {
      const promise = this.pool.use(
        (lease) => {
          loan = this.books.hasLease(request, lease);
          loan.isInUse = true;
          return work(loan);
        },
        this.#options(request, asking.timeout),
      );
      this.ledger.promise(request.name, promise, (error) => {
        if (loan) this.#hasUsed(loan, error);
        else this.books.hasFailed(request, error);
      });
    });
    return request;
  }

  /** A function has used a lease: it is told where what it has done may not be done. */
  #hasUsed(loan: Loan, error: unknown): void {
    const isDoubtful = loan.isForfeited || (loan.wasRefused && !loan.isLasting);
    const isTold = error instanceof LifeEndedError;
    this.findings.expect(!isTold || isDoubtful, () => `use() rejects without a reason: ${String(error)}`);
    this.findings.expect(!isDoubtful || error !== undefined, () => 'use() resolves, and a write was refused');
    if (isTold) this.tally.count('use() in doubt');
  }

  /** Takes what is free, at once. */
  tryAcquire(lasting: boolean = false): Loan | undefined {
    const request = this.#request(false, { timeout: 0, canAbort: false, lasting });
    const { books, pool } = this;
    const before = books.waiting;
    const free = this.candidates();
    let lease: Lease | undefined;
    books.trying(request, () => (lease = pool.tryAcquire({ lasting })));
    if (lease) return books.hasLease(request, lease);
    const missed = this.leftOf(free);
    const isRight = before > 0 || missed === 0 || books.isAside;
    this.findings.expect(isRight, () => `${pool.name}: tryAcquire() gave nothing, ${missed} were free`);
    return undefined;
  }

  /** How many of those that could be lent still can: who acts inside of an event may have taken some, or ended them. */
  leftOf(free: readonly Connection[]): number {
    const candidates = this.candidates();
    return free.filter((each) => candidates.includes(each)).length;
  }

  /** The connections that may be lent now, and should be. */
  candidates(): readonly Connection[] {
    const pool = this.pool as unknown as Pool;
    const active = activePriority(pool);
    return this.#whole().filter((each) => priorityOf(pool, each) === active);
  }

  /**
   * How many connections can be lent at once, while none is lent. Where all of the active priority are half closed, the pool
   * finds out as it tries to lend them, and the next priority is the active one.
   */
  capacity(): number {
    const pool = this.pool as unknown as Pool;
    const priorities = this.#whole().map((each) => priorityOf(pool, each) ?? Infinity);
    return priorities.filter((each) => each === Math.min(...priorities)).length;
  }

  /** Those that nobody has, with nothing against them. */
  #whole(): readonly Connection[] {
    const pool = this.pool as unknown as Pool;
    return [...pool].filter(
      (each) =>
        !this.books.lent.has(each.id) &&
        isUp(each) &&
        !this.books.hasStrayInput(each) &&
        whyNotLent(pool, each) === undefined,
    );
  }

  /** Gives a lease back: the life must not be lent again if it was spoilt. */
  giveBack(loan: Loan, how: 'release' | 'discard' | 'dispose', reason?: Error): void {
    const { lease } = loan;
    this.#markSpoilt(loan, how);
    this.books.hasReturned(loan);
    if (how === 'release') lease.release();
    else if (how === 'dispose') lease[Symbol.dispose]();
    else lease.discard(reason);
    loan.checkOver(this.findings, how === 'discard' || loan.isForfeited, this.books.isAside);
  }

  /** The promise must resolve, once it is true. */
  owes(what: string, promise: Promise<unknown>, isTrue: () => boolean): void {
    this.ledger.promise(what, promise, (error) => {
      this.findings.expect(error === undefined, () => `${what} rejected: ${String(error)}`);
      this.findings.expect(isTrue(), () => `${what} resolved too early`);
    });
  }

  /** The leases that end when the program says so, and not with a function. */
  free(): readonly Loan[] {
    return [...this.books.loans, ...this.books.zombies].filter(({ isInUse }) => !isInUse);
  }

  /** A function that uses a lease is about to end, and the lease with it. */
  expectEnd(loan: Loan, how: 'release' | 'discard'): void {
    if (loan.isOver) return;
    this.#markSpoilt(loan, how);
    this.books.hasReturned(loan);
  }

  /** Asks with a signal that is aborted already. */
  acquireAborted(): void {
    const request = this.#request(false, { timeout: undefined, canAbort: true });
    request.controller?.abort(new Error('aborted before'));
    this.#acquire(request, undefined);
  }

  #markSpoilt({ connection }: Loan, how: string): void {
    const { id, socket, state } = connection;
    const isUnread = state === 'ready' && socket.readableLength > 0;
    if (isUnread) this.tally.count('unread input');
    if (isUnread || (how === 'discard' && state === 'ready')) {
      this.books.spoilt.set(id, connection.life);
    }
  }

  #got(request: Request, lease: Lease): void {
    const loan = this.books.hasLease(request, lease);
    if (this.plan === 'return') this.giveBack(loan, 'release');
  }

  #request(isUse: boolean, { timeout, canAbort, lasting = false }: Asking): Request {
    const limit = timeout ?? this.setup.acquireTimeout;
    return new Request(++this.#requests, isUse, limit, canAbort, lasting);
  }

  #options({ controller, isLasting }: Request, timeout: number | undefined): object {
    return {
      lasting: isLasting,
      ...(timeout !== undefined && { timeout }),
      ...(controller && { signal: controller.signal }),
    };
  }
}
