import { ClosedError, TimeoutError, withCause } from '../primitives/errors.js';
import { TurnBudget } from '../primitives/turn-budget.js';
import { readPatience, waitWithin, type Patience } from '../primitives/wait-within.js';
import { Waiters } from '../primitives/waiters.js';

/** The pool that callers of `ready()` wait for. */
interface ReadyHost {
  readonly name: string;
  readonly cause: Error | undefined;
  readonly closedError: Error | undefined;
  readonly roster: { readonly size: number; readonly ready: number };
  readonly standIns: { readonly size: number };
  readonly reconciler:
    | {
        readonly hasAnswered: boolean;
        readonly canGrow: boolean;
        /** How many connections are to endpoints that are dead, and others stand in for them. */
        readonly hopeless: number;
        answered(signal: AbortSignal | undefined): Promise<void>;
      }
    | undefined;
  /** Whether a connection may become ready without the application adding one. */
  readonly hasProspects: boolean;
  /** Whether the last connection was closed by a failure that trying again cannot mend. */
  readonly isRefused: boolean;
  readonly leases: { nothingReady(): Error };
}

/** Callers of `pool.ready()`. */
export class ReadyWaiters {
  /** How many calls may be answered in this turn of the event loop. */
  readonly atOnce: TurnBudget = new TurnBudget();
  readonly #host: ReadyHost;
  readonly #waiters: Waiters = new Waiters();

  constructor(host: ReadyHost) {
    this.#host = host;
  }

  /** How many callers wait. */
  get size(): number {
    return this.#waiters.size;
  }

  /** As {@link wait}, as long as the options say. */
  within(count: number | undefined, options: Patience): Promise<void> {
    return waitWithin(
      readPatience(options),
      (signal) => this.wait(count, signal),
      (timeout) => this.#late(count, timeout),
    );
  }

  #late(count: number | undefined, timeout: number): TimeoutError {
    const { cause, name, roster } = this.#host;
    const wanted = count === undefined ? '' : ` of ${count} wanted`;
    const message = `pool ${name} was not ready within ${timeout} ms: ${roster.ready}${wanted} are ready`;
    return new TimeoutError(withCause(message, cause), timeout, { pool: name, ...(cause && { cause }) });
  }

  /** Resolves once `count` connections are ready; without a count, all that the pool has, which discovery may change. */
  wait(count: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { closedError, hasProspects, leases, reconciler, roster, standIns } = this.#host;
    if (closedError) return Promise.reject(closedError);
    if (this.#isHopeless) return Promise.reject(leases.nothingReady());
    if (count === undefined && reconciler?.hasAnswered === false) {
      return reconciler.answered(signal).then(() => this.wait(undefined, signal));
    }
    if (count === undefined && reconciler && !hasProspects) return Promise.reject(leases.nothingReady());
    // Stand-ins are there for a moment: they do not count.
    let wanted = count ?? roster.size - standIns.size;
    const current = (): number => {
      if (count !== undefined || !reconciler) return wanted;
      const most = roster.size - standIns.size - reconciler.hopeless;
      if (reconciler.canGrow || reconciler.hopeless > 0) wanted = Math.max(1, Math.min(wanted, most));
      return wanted;
    };
    if (!signal?.aborted && current() <= roster.ready) {
      return this.atOnce.take()
        ? Promise.resolve()
        : this.atOnce.nextTurn().then(() => this.wait(count, signal));
    }
    return this.#waiters.wait(current, signal);
  }

  get #isHopeless(): boolean {
    return this.#host.isRefused && this.#host.roster.size === 0;
  }

  /** Another number of connections is ready. */
  update(): void {
    this.#waiters.reached(this.#host.roster.ready);
  }

  /** A connection has left the pool: rejects those that wait for more connections than are left. */
  removed(): void {
    const { cause, leases, name, reconciler, roster } = this.#host;
    if (this.size === 0) return;
    if (this.#isHopeless) this.fail(leases.nothingReady(), -1);
    if (reconciler?.canGrow) return;
    const message = `pool ${name} has only ${roster.size} connections left: one is closed`;
    this.#waiters.fail(
      new ClosedError(withCause(message, cause), { pool: name, ...(cause && { cause }) }),
      roster.size,
    );
  }

  /** Rejects those that wait for more than `count` connections. */
  fail(error: Error, count: number = 0): void {
    this.#waiters.fail(error, count);
  }
}
