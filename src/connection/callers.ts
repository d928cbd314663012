import { Deferred } from '../primitives/deferred.js';
import { Waiters } from '../primitives/waiters.js';

/** The callers who wait for a connection: to be ready, or to be closed. Made when the first one comes. */
export class Callers {
  readonly #ready: Waiters = new Waiters();
  readonly #closed: Deferred = new Deferred();

  /** Resolves when the connection is closed. */
  get whenClosed(): Promise<void> {
    return this.#closed.promise;
  }

  /** How many wait for it to be ready. */
  get size(): number {
    return this.#ready.size;
  }

  whenReady(isReady: boolean, signal: AbortSignal | undefined): Promise<void> {
    const reached = this.#ready.wait(1, signal);
    if (isReady) this.becameReady();
    return reached;
  }

  becameReady(): void {
    this.#ready.reached(1);
  }

  /** It does not become ready as long as the lease is held that some of them may have. */
  heldBack(error: Error): void {
    this.#ready.fail(error);
  }

  closed(error: Error): void {
    this.#ready.fail(error);
    this.#closed.resolve();
  }
}
