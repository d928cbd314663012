import type { Backoff } from '../backoff/index.js';
import type { DialRequester } from './dial-requester.js';
import { nextWait } from './next-wait.js';
import type { Wait } from './admission.js';

type FirstBackoff = DialRequester['options']['firstBackoff'];

/** The next step of a backoff, and the one that it goes back to when a dial succeeds. */
interface Steps {
  readonly next: Backoff | undefined;
  readonly afterLosses: Backoff | undefined;
}

/**
 * The backoff of all who wait at a gate. Where their options differ, each kind keeps its own, and the shortest wait
 * holds for all.
 */
export class SharedBackoff {
  readonly #kinds: Map<FirstBackoff, Steps> = new Map();

  /** Begins anew: a life was stable. */
  restart(): void {
    this.#kinds.clear();
  }

  /** A dial has succeeded: the failed ones count no more, lives that were lost do until one is stable. */
  goBack(): void {
    for (const [first, { afterLosses }] of this.#kinds) {
      this.#kinds.set(first, { next: afterLosses, afterLosses });
    }
  }

  /** Says how long those who apply have to wait, in milliseconds: not at all where nobody does. */
  wait(which: NonNullable<Wait>, requesters: Iterable<DialRequester>): number {
    const kinds = new Map<FirstBackoff, DialRequester>();
    for (const requester of requesters) {
      const { firstBackoff } = requester.options;
      if (!kinds.has(firstBackoff)) kinds.set(firstBackoff, requester);
    }
    let shortest = Infinity;
    for (const [first, requester] of kinds) {
      shortest = Math.min(shortest, this.#waitOf(first, which, requester));
    }
    return Number.isFinite(shortest) ? shortest : 0;
  }

  #waitOf(first: FirstBackoff, which: NonNullable<Wait>, requester: DialRequester): number {
    const report = (error: unknown): void => requester.backoffFailed(error);
    const steps = this.#kinds.get(first);
    const isExtra = which === 'first' && steps !== undefined;
    const { delay, backoff } = nextWait(isExtra ? undefined : steps?.next, first, report);
    if (!isExtra) {
      const afterLosses = which === 'failure' ? steps?.afterLosses : backoff;
      this.#kinds.set(first, { next: backoff, afterLosses });
    }
    return delay;
  }
}
