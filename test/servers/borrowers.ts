import { TimeoutError, type Lease, type Pool } from '../../src/index.js';
import { LostError, type MemcachedHandler } from '../support/memcached-handler.js';
import { EventLoopTurns } from './event-loop-turns.js';

/** Who borrows the connections of a pool, and for how long. */
export interface Plan {
  readonly borrowers: number;
  readonly acquireTimeout: number;
  /** What the server has, by key. */
  readonly values: ReadonlyMap<string, string>;
}

/** Many who borrow connections, send one request, and borrow again, until they are stopped; and an account of it. */
export class Borrowers {
  right = 0;
  readonly wrong: unknown[] = [];
  /** How often requests have failed, by what was said of it. */
  readonly failures: Record<string, number> = {};
  /** What was said where nothing of the kind should have been. */
  readonly unexplained: unknown[] = [];
  /** How long after its deadline a wait has ended, at most; and by how much that was more than two turns of the event loop. */
  worstLateness = 0;
  worstExcess = 0;
  /** How often somebody had a connection before somebody who had asked earlier and was still waiting. */
  overtakings = 0;
  readonly eventLoop: EventLoopTurns = new EventLoopTurns();
  /** Those who wait, in the order in which they have asked. */
  readonly #waiting: Set<symbol> = new Set();
  /** How often each borrower had a connection. */
  readonly #turns: number[];
  readonly #pool: Pool<MemcachedHandler>;
  readonly #plan: Plan;
  readonly #keys: readonly string[];
  #isStopped = false;
  #done: Promise<unknown> = Promise.resolve();

  constructor(pool: Pool<MemcachedHandler>, plan: Plan) {
    this.#pool = pool;
    this.#plan = plan;
    this.#keys = [...plan.values.keys()];
    this.#turns = Array.from({ length: plan.borrowers }, () => 0);
  }

  start(): void {
    this.eventLoop.start();
    this.#done = Promise.all(this.#turns.map((_, borrower) => this.#run(borrower)));
  }

  /** Resolves when everybody has finished. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
    this.eventLoop.stop();
  }

  get failed(): number {
    return Object.values(this.failures).reduce((sum, count) => sum + count, 0);
  }

  /** How often a borrower had a connection, on average. */
  get meanTurns(): number {
    return this.#turns.reduce((sum, turns) => sum + turns, 0) / this.#turns.length;
  }

  /** How much more often the luckiest had one than the unluckiest, as a part of the mean. */
  get unfairness(): number {
    return (Math.max(...this.#turns) - Math.min(...this.#turns)) / this.meanTurns;
  }

  async #run(borrower: number): Promise<void> {
    while (!this.#isStopped) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one request after the other
        const lease = await this.#acquire();
        this.#turns[borrower] = (this.#turns[borrower] ?? 0) + 1;
        // oxlint-disable-next-line no-await-in-loop
        await this.#use(lease, borrower);
      } catch (error) {
        this.#count(error);
      }
    }
  }

  async #acquire(): Promise<Lease<MemcachedHandler>> {
    const deadline = performance.now() + this.#plan.acquireTimeout;
    const ticket = Symbol('ticket');
    this.#waiting.add(ticket);
    try {
      const lease = await this.#pool.acquire();
      if (this.#waiting.values().next().value !== ticket) this.overtakings += 1;
      return lease;
    } finally {
      this.#waiting.delete(ticket);
      const lateness = performance.now() - deadline;
      if (lateness > 0) this.#late(lateness, deadline);
    }
  }

  #late(lateness: number, deadline: number): void {
    this.worstLateness = Math.max(this.worstLateness, lateness);
    // The turn in which it falls due goes on first, and in the one in which it ends all the others are told as well.
    const turns = this.eventLoop.twoLongestSince(deadline);
    // A deadline that rings late gives as much time more: what two turns take counts twice.
    this.worstExcess = Math.max(this.worstExcess, lateness - 2 * turns);
  }

  async #use(lease: Lease<MemcachedHandler>, borrower: number): Promise<void> {
    const key = this.#keys[borrower % this.#keys.length] ?? '';
    try {
      const value = await lease.handler.get(key);
      if (value === this.#plan.values.get(key)) this.right += 1;
      else this.wrong.push({ key, value });
      lease.release();
    } catch (error) {
      lease.discard();
      throw error;
    }
  }

  #count(error: unknown): void {
    const kind = explanation(error);
    if (kind === undefined) this.unexplained.push(error);
    else this.failures[kind] = (this.failures[kind] ?? 0) + 1;
  }
}

/** Why a request has failed, if the error says so. */
function explanation(error: unknown): string | undefined {
  if (error instanceof LostError) {
    const { reset } = error;
    if (reset?.code === 'remote-end') return 'lost: ended by the server';
    return reset?.error && `lost: ${(reset.error as NodeJS.ErrnoException).code ?? reset.code}`;
  }
  if (!(error instanceof TimeoutError)) return undefined;
  if (error.cause instanceof Error) return `no connection in time: ${codeOf(error.cause)}`;
  return /: 0 of \d+ are ready/.test(error.message) ? undefined : 'no connection in time: all are lent';
}

/** The code of what the system has said, if it has. */
function codeOf(error: Error): string {
  const innermost = error.cause instanceof Error ? error.cause : error;
  return (innermost as NodeJS.ErrnoException).code ?? innermost.name;
}
