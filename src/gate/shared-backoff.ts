import type { Backoff } from '../backoff/index.js';
import type { Applicant } from './applicant.js';
import { nextWait } from './next-wait.js';
import type { Wait } from './passage.js';

type FirstBackoff = Applicant['options']['firstBackoff'];

/** Where a backoff is, and where it goes back to when a dial succeeds. */
interface Steps {
  readonly present: Backoff | undefined;
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

  /** A dial has succeeded: only lives that were lost too soon count on. */
  goBack(): void {
    for (const [first, { afterLosses }] of this.#kinds) {
      this.#kinds.set(first, { present: afterLosses, afterLosses });
    }
  }

  /** Takes a step, and says how long the wait is for those who apply, in milliseconds. */
  wait(why: NonNullable<Wait>, applicants: Iterable<Applicant>): number {
    const kinds = new Map<FirstBackoff, Applicant>();
    for (const applicant of applicants) {
      const { firstBackoff } = applicant.options;
      if (!kinds.has(firstBackoff)) kinds.set(firstBackoff, applicant);
    }
    let shortest = Infinity;
    for (const [first, applicant] of kinds) {
      shortest = Math.min(shortest, this.#waitOf(first, why, applicant));
    }
    return shortest;
  }

  #waitOf(first: FirstBackoff, why: NonNullable<Wait>, applicant: Applicant): number {
    const report = (error: unknown): void => applicant.backoffFailed(error);
    const steps = this.#kinds.get(first);
    if (why === 'first' && steps) return nextWait(undefined, first, report).delay;
    const { delay, backoff } = nextWait(steps?.present, first, report);
    this.#kinds.set(first, {
      present: backoff,
      afterLosses: why === 'loss' ? backoff : steps?.afterLosses,
    });
    return delay;
  }
}
