import {
  constant,
  type Connection,
  type ConnectionManager,
  type DiscoveredEndpoint,
  type Lease,
  type Pool,
  type Reset,
} from '../../../src/index.js';
import type { Findings } from '../findings.js';
import { Ledger } from '../ledger.js';
import type { Tally } from '../tally.js';
import { Books } from './books.js';
import type { Loan } from './loan.js';
import { Members } from './members.js';
import { ModelSource } from './model-source.js';
import { PoolHandler, type Handshake, type HandlerHost } from './pool-handler.js';
import type { PoolSetup } from './pool-setup.js';
import { Request } from './request.js';
import type { StallWatch } from './stall-watch.js';
import { activePriority, isUp, priorityOf, whyNotLent } from './usable.js';

/** What becomes of a lease: the program keeps it, or gives it back as soon as it has it. */
export type Plan = 'keep' | 'return';

/** How often the program may ask. */
export interface Asking {
  readonly timeout: number | undefined;
  readonly canAbort: boolean;
}

let names = 0;

/** A program with a pool, and with books about what it is promised. */
export class PoolProgram implements HandlerHost {
  readonly setup: PoolSetup;
  readonly findings: Findings;
  readonly tally: Tally;
  readonly source: ModelSource | undefined;
  readonly pool: Pool;
  readonly books: Books;
  readonly members: Members;
  readonly ledger: Ledger;
  /** What to do with the leases to come. */
  plan: Plan = 'keep';
  /** How the handshakes to come end; then at once. */
  readonly handshakes: Handshake[] = [];
  /** What the factory throws the next time, if anything. */
  factoryError: Error | undefined;
  /** What is done when the next life ends, inside `onReset`. */
  atReset: ((connection: Connection) => void) | undefined;
  /** What is done when the next event of the pool is published, inside of it. */
  atEvent: (() => void) | undefined;
  /** The sockets that the program does not read from. */
  readonly held: Set<Connection> = new Set();
  perEndpoint: number;
  /** Whether a snapshot was carried out since this was said to be false. */
  hasFollowed = false;
  #requests = 0;

  constructor(
    manager: ConnectionManager,
    setup: PoolSetup,
    findings: Findings,
    tally: Tally,
    stalls: StallWatch,
  ) {
    this.setup = setup;
    this.findings = findings;
    this.tally = tally;
    this.ledger = new Ledger(findings);
    this.source = setup.perEndpoint === undefined ? undefined : new ModelSource();
    this.perEndpoint = setup.perEndpoint ?? 0;
    const { source } = this;
    const rules = {
      maxWaiters: setup.maxWaiters ?? 1_000,
      get cannotGrow() {
        return source === undefined || source.hasEnded;
      },
    };
    const pool = (): Pool => this.pool as unknown as Pool;
    this.books = new Books(pool, rules, findings, tally, stalls);
    this.members = new Members(pool, findings);
    this.pool = manager.createPool(`pool ${++names}`, () => this.#makeHandler(), {
      ...(source && { discovery: source, perEndpoint: this.perEndpoint }),
      ...(setup.maxWaiters !== undefined && { maxWaiters: setup.maxWaiters }),
      acquireTimeout: setup.acquireTimeout,
      drain: setup.drain,
      maxAge: setup.maxAge,
      pick: setup.pick.make() as never,
      backoff: constant(0),
    });
  }

  /** Whether discovery says more, and soon. */
  get canFollow(): boolean {
    return this.source !== undefined && !this.source.hasEnded && !this.source.hasFailed;
  }

  /** How many connections there are once all is quiet. */
  get expected(): number {
    return this.members.expected;
  }

  /** Whether all that is to be there is there, ready and free. */
  get isReady(): boolean {
    const { books, expected, pool } = this;
    return (
      pool.size === expected && pool.readyCount === expected && books.waiting === 0 && books.lent.size === 0
    );
  }

  /** What was never returned, or was not settled. */
  get owed(): readonly string[] {
    return [...this.ledger.owed, ...this.books.queue.map(({ name }) => name)];
  }

  nextHandshake(): Handshake {
    return this.handshakes.shift() ?? 'at once';
  }

  lifeEnded(handler: PoolHandler, reset: Reset): void {
    this.tally.count(`reset ${reset.code}`);
    const connection = [...this.pool].find((each) => each.handler === handler);
    if (!connection) return;
    this.held.delete(connection);
    const act = this.atReset;
    this.atReset = undefined;
    if (act && !this.books.isClosed) this.books.aside(() => act(connection));
  }

  /** The pool has published something: the program may do something about it. */
  hasPublished(): void {
    const act = this.atEvent;
    this.atEvent = undefined;
    if (act && !this.books.isClosed) this.books.aside(act);
  }

  /** Asks for a lease. */
  acquire({ timeout, canAbort }: Asking): Request {
    return this.#acquire(this.#request(false, { timeout, canAbort }), timeout);
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
        if (!loan) this.books.hasFailed(request, error);
      });
    });
    return request;
  }

  /** Takes what is free, at once. */
  tryAcquire(): Loan | undefined {
    const request = this.#request(false, { timeout: 0, canAbort: false });
    const { books, pool } = this;
    const before = books.waiting;
    const free = this.candidates();
    let lease: Lease | undefined;
    books.trying(request, () => (lease = pool.tryAcquire()));
    if (lease) return books.hasLease(request, lease);
    const isRight = before > 0 || free.length === 0 || books.isAside;
    this.findings.expect(isRight, () => `${pool.name}: tryAcquire() gave nothing, ${free.length} were free`);
    return undefined;
  }

  /** The connections that may be lent now, and should be. */
  candidates(): readonly Connection[] {
    const pool = this.pool as unknown as Pool;
    const active = activePriority(pool);
    return [...pool].filter(
      (each) =>
        !this.books.lent.has(each.id) &&
        isUp(each) &&
        whyNotLent(pool, each) === undefined &&
        priorityOf(pool, each) === active,
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
    loan.checkOver(this.findings);
  }

  /** Gives back all it has, now and later, and reads what comes. */
  calm(): void {
    this.plan = 'return';
    this.atReset = undefined;
    this.atEvent = undefined;
    this.factoryError = undefined;
    this.handshakes.length = 0;
    for (const connection of this.held) this.readOn(connection);
    for (const loan of this.free()) this.giveBack(loan, 'release');
  }

  /** How many connections can be lent at once: those of the best priority. */
  capacity(): number {
    return this.candidates().length;
  }

  resize(perEndpoint: number): void {
    this.perEndpoint = perEndpoint;
    this.pool.resize(perEndpoint);
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
    return [...this.books.loans].filter(({ isInUse }) => !isInUse);
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

  /** Does not read from it until told otherwise, or until its life ends. */
  hold(connection: Connection): void {
    connection.socket.pause();
    this.held.add(connection);
  }

  readOn(connection: Connection): void {
    this.held.delete(connection);
    connection.socket.resume();
  }

  /** A snapshot is carried out: the last good one that the source has said. */
  follows(snapshot: readonly DiscoveredEndpoint[]): void {
    this.hasFollowed = true;
    this.members.follows(snapshot, this.perEndpoint);
  }

  /** What holds between any two steps. */
  check(): void {
    const { books, pool, findings } = this;
    books.check();
    const stats = pool.stats();
    this.members.check(stats, books.isClosed);
    const expected = { ...books.counts, waiting: books.waiting, leased: books.lent.size };
    for (const [name, count] of Object.entries(expected)) {
      const got = stats[name as keyof typeof expected];
      findings.expect(got === count, () => `${pool.name}: ${name} is ${got}, not ${count}`);
    }
    if (books.waiting === 0) return;
    const free = this.candidates().map(({ id }) => id);
    findings.expect(free.length === 0, () => `${pool.name}: ${books.waiting} wait, ${free.join()} are free`);
  }

  #markSpoilt({ connection, hasEnded, life }: Loan, how: string): void {
    const { id, socket, state } = connection;
    const isUnread = state === 'ready' && socket.readableLength > 0;
    if (isUnread) this.tally.count('unread input');
    if (isUnread || (how === 'discard' && !hasEnded && connection.life === life)) {
      this.books.spoilt.set(id, connection.life);
    }
  }

  #got(request: Request, lease: Lease): void {
    const loan = this.books.hasLease(request, lease);
    if (this.plan === 'return') this.giveBack(loan, 'release');
  }

  #request(isUse: boolean, { timeout, canAbort }: Asking): Request {
    return new Request(++this.#requests, isUse, timeout ?? this.setup.acquireTimeout, canAbort);
  }

  #options({ controller }: Request, timeout: number | undefined): object {
    return { ...(timeout !== undefined && { timeout }), ...(controller && { signal: controller.signal }) };
  }

  #makeHandler(): PoolHandler {
    const error = this.factoryError;
    this.factoryError = undefined;
    if (error) throw error;
    return new PoolHandler(this);
  }
}
