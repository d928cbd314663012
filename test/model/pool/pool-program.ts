import {
  constant,
  type Connection,
  type ConnectionManager,
  type DiscoveredEndpoint,
  type Pool,
  type PoolStats,
  type Reset,
} from '../../../src/index.js';
import type { Findings } from '../findings.js';
import type { Tally } from '../tally.js';
import type { Rules } from './books.js';
import { Borrower } from './borrower.js';
import { Members } from './members.js';
import { ModelSource } from './model-source.js';
import { PoolHandler, type Handshake, type HandlerHost } from './pool-handler.js';
import type { PoolSetup } from './pool-setup.js';
import type { StallWatch } from './stall-watch.js';
import { isStaying, isUp } from './usable.js';

let names = 0;

/** A program with a pool, and with books about what it is promised. */
export class PoolProgram extends Borrower implements HandlerHost {
  override readonly setup: PoolSetup;
  readonly source: ModelSource | undefined;
  override readonly pool: Pool;
  readonly members: Members;
  /** How the handshakes to come end; then at once. */
  readonly handshakes: Handshake[] = [];
  /** What the factory throws the next time, if anything. */
  factoryError: Error | undefined;
  /** What is done when the next life ends, inside `onReset`. */
  atReset: ((connection: Connection) => void) | undefined;
  /** What is done when the next event of the pool is published, inside of it. */
  atEvent: (() => void) | undefined;
  /** Those that `pick()` has returned: they may have users whom nothing counts. */
  readonly picked: Set<Connection> = new Set();
  /** The lives that have retired, by the ids of their connections. */
  readonly #retired: Map<number, number> = new Map();
  /** The sockets that the program does not read from. */
  readonly held: Set<Connection> = new Set();
  perEndpoint: number;
  /** Whether a snapshot was carried out since this was said to be false. */
  hasFollowed = false;

  constructor(
    manager: ConnectionManager,
    setup: PoolSetup,
    findings: Findings,
    tally: Tally,
    stalls: StallWatch,
  ) {
    const source = setup.perEndpoint === undefined ? undefined : new ModelSource();
    super(rulesOf(setup, source), findings, tally, stalls);
    this.setup = setup;
    this.source = source;
    this.perEndpoint = setup.perEndpoint ?? 0;
    const overlaps = setup.maxAge.age > 0 && setup.maxAge.overlap;
    this.members = new Members(
      () => this.pool,
      overlaps,
      findings,
      (what) => tally.count(what),
    );
    this.pool = manager.createPool(`pool ${++names}`, () => this.#makeHandler(), {
      ...(source && { discovery: source, perEndpoint: this.perEndpoint }),
      ...(setup.maxWaiters !== undefined && { maxWaiters: setup.maxWaiters }),
      acquireTimeout: setup.acquireTimeout,
      drain: setup.drain,
      maxAge: setup.maxAge,
      pushes: setup.pushes,
      pick: setup.pick.make() as never,
      backoff: constant(0),
      // Not for long is an endpoint that flaps waited for.
      stableAfter: 5,
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
    const { books, expected, members, pool } = this;
    const lasting = [...pool].filter((each) => !members.isStandIn(each));
    if (lasting.length !== expected) return false;
    // Where lives are short and the machine is busy, some always retire, and others stand in for them.
    const isAllThere =
      this.setup.maxAge.age > 0
        ? lasting.every(isStaying) && pool.readyCount * 4 >= expected * 3 - 4
        : pool.size === expected && pool.readyCount === expected && lasting.every(isUp);
    return isAllThere && members.areThere && books.waiting === 0 && books.lent.size === 0;
  }

  /** What was never returned, or was not settled. */
  get owed(): readonly string[] {
    return [...this.ledger.owed, ...this.books.queue.map(({ name }) => name)];
  }

  nextHandshake(): Handshake {
    return this.handshakes.shift() ?? 'at once';
  }

  lifeRetires(handler: PoolHandler): boolean {
    const connection = [...this.pool].find((each) => each.handler === handler);
    if (!connection) return false;
    const { id, life } = connection;
    this.tally.count('onRetire');
    this.findings.expect(connection.stats().retiring, () => `${id} is told to retire, and does not`);
    this.findings.expect(this.#retired.get(id) !== life, () => `life ${life} of ${id} retires twice`);
    this.#retired.set(id, life);
    return life % 2 === 0;
  }

  /** Whether it ends at once when it leaves and nobody has a lease on it. */
  isIdle(connection: Connection): boolean {
    return !this.setup.tellsIdle && !this.picked.has(connection);
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

  /** Gives back all it has, now and later, and reads what comes. */
  calm(): void {
    this.plan = 'return';
    this.atReset = undefined;
    this.atEvent = undefined;
    this.factoryError = undefined;
    this.handshakes.length = 0;
    for (const connection of this.held) this.readOn(connection);
    for (const loan of this.free()) this.giveBack(loan, 'release');
    // The next loan would find out.
    for (const each of this.pool) if (this.books.hasStrayInput(each)) each.reset();
  }

  resize(perEndpoint: number): void {
    this.perEndpoint = perEndpoint;
    this.pool.resize(perEndpoint);
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
    if (this.source) this.source.isFollowed = true;
    this.members.follows(snapshot, this.perEndpoint);
  }

  /** What holds between any two steps. */
  check(): void {
    const { books, pool, findings } = this;
    books.check();
    const stats = pool.stats();
    this.members.check(stats, books.isClosed);
    // A lease on a closed connection is over for the pool.
    const leased = [...pool].filter(({ id }) => books.lent.has(id)).length;
    const expected = { ...books.counts, waiting: books.waiting, leased };
    for (const [name, count] of Object.entries(expected)) {
      const got = stats[name as keyof typeof expected];
      findings.expect(got === count, () => `${pool.name}: ${name} is ${got}, not ${count}`);
    }
    this.#checkEndpoints(stats);
    if (books.waiting === 0) return;
    // What the last snapshot wants is opened again, also after the end of the source.
    const { missing = 0, refused = 0 } = stats.discovery ?? {};
    const mayCome = this.source?.hasEnded === false || missing > refused;
    const mayBeServed = mayCome || stats.endpoints.some(({ size }) => size > 0);
    findings.expect(mayBeServed, () => `${pool.name}: ${books.waiting} wait, and nothing will come`);
    const free = this.candidates().map(({ id }) => id);
    findings.expect(free.length === 0, () => `${pool.name}: ${books.waiting} wait, ${free.join()} are free`);
  }

  /** A lease on a connection that leaves is of no endpoint any more, and one that goes elsewhere counts there when it dials. */
  #checkEndpoints({ endpoints }: PoolStats): void {
    for (const { endpoint, leased } of endpoints) {
      const lent = [...this.books.loans].map(({ connection }) => connection);
      const isGoing = (each: Connection): boolean => each.state === 'waiting' && this.members.isMobile(each);
      const most = lent.filter((each) => each.endpoint.port === endpoint.port || isGoing(each));
      const least = most.filter((each) => isStaying(each) && !isGoing(each)).length;
      this.findings.expect(
        leased >= least && leased <= most.length,
        () => `${this.pool.name}: ${leased} lent to ${endpoint.port}, not ${least} to ${most.length}`,
      );
    }
  }

  #makeHandler(): PoolHandler {
    const error = this.factoryError;
    this.factoryError = undefined;
    if (error) throw error;
    return new PoolHandler(this, this.setup.tellsIdle);
  }
}

function rulesOf({ maxWaiters = 1_000, pushes }: PoolSetup, source: ModelSource | undefined): Rules {
  return {
    maxWaiters,
    pushes,
    get hasAnswered() {
      return source === undefined || source.hasEnded || source.isFollowed;
    },
    get cannotGrow() {
      return source === undefined || source.hasEnded;
    },
  };
}
