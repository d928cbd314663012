import type { Backoff } from '../backoff/index.js';
import type { Wait } from './decision.js';
import type { DialRequester } from './dial-requester.js';
import { nextWait } from './next-wait.js';

type FirstBackoff = DialRequester['options']['firstBackoff'];

/** The next step of a backoff, and the step that it goes back to when a dial succeeds. */
interface Steps {
  readonly next: Backoff | undefined;
  readonly afterLosses: Backoff | undefined;
}

/** What the backoffs answered before a change, for the change to apply or to drop. */
interface Draw {
  /** Milliseconds. */
  readonly delay: number;
  readonly asked: ReadonlySet<FirstBackoff>;
  /** The steps after this wait. */
  readonly steps: ReadonlyMap<FirstBackoff, Steps>;
  /** Backoffs of the user's own that failed, to be reported when the change is complete. */
  readonly failures: readonly { readonly requester: DialRequester; readonly error: unknown }[];
}

const none: ReadonlySet<FirstBackoff> = new Set();

/** A wait that was drawn before a change; `undefined` if none follows from the change. */
export type DrawnWait = Draw | undefined;

/**
 * The backoff of all requesters at a gate. If their options differ, each kind keeps a step of its own, and the shortest wait
 * holds for all.
 */
export class SharedBackoff {
  /** Made with the first step. */
  #kinds: Map<FirstBackoff, Steps> | undefined;
  #lastDelay = 0;
  /** Those that were asked for the last wait. */
  #asked: ReadonlySet<FirstBackoff> = none;

  /** Whether no step was taken that still counts. */
  get isFresh(): boolean {
    for (const { next } of this.#kinds?.values() ?? []) if (next) return false;
    return true;
  }

  /** A life was stable: all begin with their first step again. */
  restart(): void {
    this.#kinds = undefined;
  }

  /** A dial has succeeded: steps for failed dials are taken back; steps for lost lives stay until one is stable. */
  goBack(): void {
    for (const [first, { afterLosses }] of this.#kinds ?? []) {
      this.#kinds?.set(first, { next: afterLosses, afterLosses });
    }
  }

  /**
   * Asks the backoffs of the requesters, one for each kind: code of the user's may run in here. Changes nothing; `restarts`
   * asks as if {@link restart} had been called. Without requesters there is no delay.
   */
  draw(wait: NonNullable<Wait>, requesters: Iterable<DialRequester>, restarts: boolean): Draw {
    const kinds = new Map<FirstBackoff, DialRequester>();
    for (const requester of requesters) {
      const { firstBackoff } = requester.options;
      if (!kinds.has(firstBackoff)) kinds.set(firstBackoff, requester);
    }
    const steps = new Map<FirstBackoff, Steps>();
    const failures: { requester: DialRequester; error: unknown }[] = [];
    let shortest = Infinity;
    for (const [first, requester] of kinds) {
      const present = restarts ? undefined : this.#kinds?.get(first);
      // A first wait beside steps that were taken leaves those as they are.
      const isExtra = wait === 'first' && present !== undefined;
      const { delay, backoff, failure } = nextWait(isExtra ? undefined : present?.next, first);
      shortest = Math.min(shortest, delay);
      if (failure) failures.push({ requester, error: failure.error });
      if (isExtra) continue;
      const afterLosses = wait === 'failure' ? present?.afterLosses : backoff;
      steps.set(first, { next: backoff, afterLosses });
    }
    return { delay: kinds.size > 0 ? shortest : 0, asked: new Set(kinds.keys()), steps, failures };
  }

  /** The length of a wait. If something in between is the reason that none was drawn, it is that of the last wait. */
  delayOf(drawn: DrawnWait): number {
    return drawn ? drawn.delay : this.#lastDelay;
  }

  /** The wait that was drawn begins: its steps are taken. */
  apply(draw: Draw): void {
    this.#lastDelay = draw.delay;
    this.#asked = draw.asked;
    this.#take(draw);
  }

  /** The wait goes on, and one more backoff was asked. */
  add(draw: Draw): void {
    this.#asked = new Set([...this.#asked, ...draw.asked]);
    this.#take(draw);
  }

  /** Whether that backoff was asked for the last wait. */
  hasAsked(first: FirstBackoff): boolean {
    return this.#asked.has(first);
  }

  #take({ steps }: Draw): void {
    this.#kinds ??= new Map();
    for (const [first, step] of steps) this.#kinds.set(first, step);
  }
}

/** Reports the backoffs that failed, once the change under way is complete. */
export function reportFailures(drawn: DrawnWait): void {
  if (!drawn || drawn.failures.length === 0) return;
  process.nextTick(() => {
    for (const { requester, error } of drawn.failures) requester.backoffFailed(error);
  });
}
