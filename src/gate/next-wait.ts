import type { Backoff } from '../backoff/index.js';
import { milliseconds } from '../primitives/checks.js';

/** The wait, in milliseconds, when the user's own backoff throws or gives no valid delay. */
const fallback = 1_000;

/** What a backoff has answered. */
export interface NextWait {
  readonly delay: number;
  /** The step after this one. */
  readonly backoff: Backoff | undefined;
  /** What the user's own backoff threw, or what was wrong with its delay. */
  readonly failure?: { readonly error: unknown };
}

/**
 * Asks a backoff for its delay and its next step; `first` makes the step to begin with. Code of the user's may run in here. If
 * it fails, the same step is asked again next time, and the wait is one second unless it gave a valid delay before.
 */
export function nextWait(backoff: Backoff | undefined, first: () => Backoff): NextWait {
  let wait = fallback;
  try {
    const present = backoff ?? first();
    const { delay } = present;
    milliseconds('backoff.delay', delay);
    wait = delay;
    return { delay, backoff: present.next() };
  } catch (error) {
    return { delay: wait, backoff, failure: { error } };
  }
}
