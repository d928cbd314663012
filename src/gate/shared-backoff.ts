import type { Backoff } from '../backoff/index.js';
import type { Applicant } from './applicant.js';
import { nextWait } from './next-wait.js';
import type { Wait } from './passage.js';

type FirstBackoff = Applicant['options']['firstBackoff'];

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
  wait(which: NonNullable<Wait>, applicants: Iterable<Applicant>): number {
    const kinds = new Map<FirstBackoff, Applicant>();
    for (const applicant of applicants) {
      const { firstBackoff } = applicant.options;
      if (!kinds.has(firstBackoff)) kinds.set(firstBackoff, applicant);
    }
    let shortest = Infinity;
    for (const [first, applicant] of kinds) {
      shortest = Math.min(shortest, this.#waitOf(first, which, applicant));
    }
    return Number.isFinite(shortest) ? shortest : 0;
  }

  #waitOf(first: FirstBackoff, which: NonNullable<Wait>, applicant: Applicant): number {
    const report = (error: unknown): void => applicant.backoffFailed(error);
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
