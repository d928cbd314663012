import { exponential, type Backoff } from '../../backoff/index.js';
import { startTimer, stopTimer, type Timer } from '../../primitives/time.js';

/** The wait before an endpoint gets the connections that it lacks. */
interface Restoration {
  backoff: Backoff;
  timer: Timer | undefined;
}

const firstBackoff = (): Backoff => exponential({ factor: 2 });

/**
 * Says when to open again what a snapshot wants and the pool has lost. The waits of an endpoint grow until one of its connections is
 * ready. With `keepAlive` they keep the process alive, as the wait of a connection does.
 */
export class Restorations {
  readonly #byKey: Map<string, Restoration> = new Map();
  readonly #restore: (key: string) => void;
  readonly #keepAlive: boolean;

  constructor(restore: (key: string) => void, keepAlive: boolean = true) {
    this.#restore = restore;
    this.#keepAlive = keepAlive;
  }

  /** An endpoint lacks a connection. */
  schedule(key: string): void {
    const { backoff, timer } = this.#byKey.get(key) ?? { backoff: firstBackoff(), timer: undefined };
    if (timer) return;
    const next: Restoration = { backoff: backoff.next(), timer: undefined };
    next.timer = startTimer(backoff.delay, this.#keepAlive, () => {
      next.timer = undefined;
      this.#restore(key);
    });
    this.#byKey.set(key, next);
  }

  /** A connection to the endpoint is ready. */
  succeeded(key: string): void {
    const restoration = this.#byKey.get(key);
    if (restoration?.timer) restoration.backoff = firstBackoff();
    else if (restoration) this.#byKey.delete(key);
  }

  /** Forgets the endpoints that are not wanted any more. */
  retain(isWanted: (key: string) => boolean): void {
    for (const [key, { timer }] of this.#byKey) {
      if (isWanted(key)) continue;
      stopTimer(timer);
      this.#byKey.delete(key);
    }
  }

  clear(): void {
    this.retain(() => false);
  }
}
