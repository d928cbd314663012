import { addAbortListener, removeAbortListener } from '../primitives/abort-listeners.js';
import { check, isObject, longestDelay } from '../primitives/checks.js';
import { now, startTimer, stopTimer, type Timer } from '../primitives/time.js';
import type { AskReason, DiscoveryContext } from './discovery.js';

/** The least time between two look-ups for doubts, in milliseconds, unless the source says otherwise. */
export const defaultLeast = 1_000;

/** What hears how the look-ups of a source go. */
export type AskListener = Pick<DiscoveryContext, 'confirm' | 'fail' | 'report'> & {
  readonly pace?: (least: number) => void;
};

type Doubt = 'doubt' | 'refresh';

const figuresOfSource = check('an object', isObject);
const duration = check(
  'milliseconds from 0, or Infinity',
  (value) => typeof value === 'number' && value >= 0,
);

/** The context of one iteration of a source. */
export class Asking implements DiscoveryContext {
  readonly signal: AbortSignal;
  readonly #listener: AskListener | undefined;
  readonly #doubted: Set<(reason: Doubt) => void> = new Set();
  /** What was said since the last wait. */
  #asked: AskReason | undefined;
  /** Looks again whether the wait under way is over. */
  #look: (() => void) | undefined;
  #hasWaited = false;
  #least: number | undefined;

  constructor(signal: AbortSignal, listener?: AskListener) {
    this.signal = signal;
    this.#listener = listener;
  }

  /** Whether the source hears doubts. */
  get isHeard(): boolean {
    return this.#hasWaited || this.#doubted.size > 0;
  }

  /** The least time between two look-ups for doubts, if the source has waited. */
  get least(): number | undefined {
    return this.#least;
  }

  /** Tells the source to ask again: soon, or now. */
  ask(reason: Doubt): void {
    if (this.signal.aborted) return;
    this.#say(reason);
    for (const listener of this.#doubted) {
      try {
        listener(reason);
      } catch (error) {
        this.fail(error);
      }
    }
  }

  readonly wait = (most: number, least: number = defaultLeast): Promise<AskReason> => {
    duration('most', most);
    duration('least', least);
    this.#hasWaited = true;
    this.pace(least);
    this.#endWait();
    return new Promise((resolve) => this.#begin(most, least, resolve));
  };

  /** The source, or one that it is made of, waits for at least so long. The longest counts, as others may begin late. */
  readonly pace = (least: number): void => {
    this.#least = Math.max(least, this.#least ?? 0);
    this.#listener?.pace?.(least);
  };

  readonly wake = (): void => this.#say('woken');

  readonly onDoubt = (listener: (reason: Doubt) => void): (() => void) => {
    const own = (reason: Doubt): void => listener(reason);
    this.#doubted.add(own);
    return () => void this.#doubted.delete(own);
  };

  readonly confirm = (): void => {
    if (!this.signal.aborted) this.#listener?.confirm();
  };

  readonly fail = (error: unknown): void => {
    if (!this.signal.aborted) this.#listener?.fail(error);
  };

  readonly report = (figures: object): void => {
    figuresOfSource('figures', figures);
    if (!this.signal.aborted) this.#listener?.report(figures);
  };

  /** Ends the wait under way, as another one begins. A doubt that it had to keep back is left to that. */
  #endWait(): void {
    if (!this.#look) return;
    const asked = this.#asked;
    this.wake();
    this.#asked = asked;
  }

  /** A doubt may have to wait, so it replaces nothing. */
  #say(reason: Doubt | 'woken'): void {
    if (reason !== 'doubt' || !this.#asked) this.#asked = reason;
    this.#look?.();
  }

  #begin(most: number, least: number, resolve: (reason: AskReason) => void): void {
    const begun = now();
    let timer: Timer | undefined;
    const end = (reason: AskReason): void => {
      stopTimer(timer);
      removeAbortListener(this.signal, look);
      this.#asked = undefined;
      this.#look = undefined;
      resolve(reason);
    };
    const look = (): void => {
      stopTimer(timer);
      const reason = this.signal.aborted ? 'aborted' : (this.#asked ?? 'due');
      const delay = reason === 'due' ? most : reason === 'doubt' ? Math.min(least, most) : 0;
      const left = begun + delay - now();
      if (left <= 0) end(reason);
      else if (left !== Infinity) timer = startTimer(Math.min(left, longestDelay), false, () => end(reason));
    };
    this.#look = look;
    if (!this.signal.aborted) addAbortListener(this.signal, look);
    look();
  }
}
