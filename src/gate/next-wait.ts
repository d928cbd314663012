import type { Backoff } from '../backoff/index.js';
import { milliseconds } from '../primitives/checks.js';

/** The wait when the program's own backoff throws or gives no valid delay, in milliseconds. */
const fallback = 1_000;

/**
 * The next wait, and the backoff for the one after it; `first` gives the one to begin with. A backoff of the program's own may fail: then the error is
 * reported, and the same backoff is asked again next time; where it gave no delay, the wait is one second.
 */
export function nextWait(
  backoff: Backoff | undefined,
  first: () => Backoff,
  report: (error: unknown) => void,
): { readonly delay: number; readonly backoff: Backoff | undefined } {
  let wait = fallback;
  try {
    const present = backoff ?? first();
    const { delay } = present;
    milliseconds('backoff.delay', delay);
    wait = delay;
    return { delay, backoff: present.next() };
  } catch (error) {
    report(error);
    return { delay: wait, backoff };
  }
}
