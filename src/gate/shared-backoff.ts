import type { Backoff } from '../backoff/index.js';
import type { Applicant } from './applicant.js';
import { nextWait } from './next-wait.js';
import type { Wait } from './passage.js';

type FirstBackoff = Applicant['options']['firstBackoff'];

/**
 * The backoff of all who wait at a gate. Where their options differ, each kind keeps its own, and the shortest wait
 * holds for all.
 */
export class SharedBackoff {
  /** The next step of each kind. */
  readonly #kinds: Map<FirstBackoff, Backoff | undefined> = new Map();

  /** Begins anew. */
  restart(): void {
    this.#kinds.clear();
  }

  /** Says how long those who apply have to wait, in milliseconds. */
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
    return shortest;
  }

  #waitOf(first: FirstBackoff, which: NonNullable<Wait>, applicant: Applicant): number {
    const report = (error: unknown): void => applicant.backoffFailed(error);
    const isExtra = which === 'first' && this.#kinds.has(first);
    const present = isExtra ? undefined : this.#kinds.get(first);
    const { delay, backoff } = nextWait(present, first, report);
    if (!isExtra) this.#kinds.set(first, backoff);
    return delay;
  }
}
