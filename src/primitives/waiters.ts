import { abortReason, addAbortListener, removeAbortListener } from './abort-listeners.js';

interface Waiter {
  readonly wanted: () => number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Promises that wait for a count to be reached. An aborted one leaves no listener and no entry. */
export class Waiters {
  readonly #waiting: Set<Waiter> = new Set();

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves at the first `reached(count)` with a count of at least `wanted`, which is a function if it may change. Rejects
   * with the signal's reason when aborted.
   */
  wait(wanted: number | (() => number), signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(abortReason(signal) as Error);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        if (signal) removeAbortListener(signal, abort);
      };
      const abort = (): void => waiter.reject(signal && abortReason(signal));
      const waiter: Waiter = {
        wanted: typeof wanted === 'function' ? wanted : () => wanted,
        resolve: () => (leave(), resolve()),
        reject: (error) => (leave(), reject(error)),
      };
      this.#waiting.add(waiter);
      if (signal) addAbortListener(signal, abort);
    });
  }

  /** Resolves every waiter that wants no more than `count`. */
  reached(count: number): void {
    if (this.#waiting.size === 0) return;
    for (const waiter of this.#waiting) if (waiter.wanted() <= count) waiter.resolve();
  }

  /** Rejects every waiter that wants more than `count`. */
  fail(error: unknown, count: number = 0): void {
    for (const waiter of this.#waiting) if (waiter.wanted() > count) waiter.reject(error);
  }
}
