import type { DiscoveredEndpoint, Discovery } from '../../src/index.js';

type Step = IteratorResult<readonly DiscoveredEndpoint[], undefined>;

/** Something that the source says when it is asked next. */
interface Saying {
  readonly answer: () => Step;
  readonly heard: () => void;
}

const end: Step = Object.freeze({ done: true, value: undefined });

/**
 * A source of endpoints that says what a test tells it to say, once, to whoever listens then: the next value of the
 * iteration that there is, or the first one of the iteration after that.
 */
export class ScriptedDiscovery implements Discovery {
  /** How many iterations were begun, and how many were told that the pool listens no more. */
  begun = 0;
  left = 0;
  readonly #sayings: Saying[] = [];
  /** Who waits for the next value. */
  #ask: ((step: Step | PromiseLike<never>) => void) | undefined;
  /** To be called when the next value is asked for: what was said last has been dealt with. */
  #heard: (() => void) | undefined;

  /** Gives a snapshot, or something else in its place; resolves when it has been dealt with. */
  say(snapshot: unknown): Promise<void> {
    return this.#say(() => ({ done: false, value: snapshot as readonly DiscoveredEndpoint[] }));
  }

  /** Ends the iteration by an error; resolves when the next one has begun. */
  fail(error: unknown): Promise<void> {
    return this.#say(() => {
      throw error;
    });
  }

  /** Says that there will be nothing else. */
  end(): void {
    void this.#say(() => end);
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly DiscoveredEndpoint[], undefined> {
    this.begun += 1;
    return {
      next: () => this.#next(),
      return: () => {
        this.left += 1;
        this.#ask?.(end);
        this.#ask = undefined;
        return Promise.resolve(end);
      },
    };
  }

  #say(answer: () => Step): Promise<void> {
    return new Promise((resolve) => {
      this.#sayings.push({ answer, heard: resolve });
      this.#answer();
    });
  }

  #next(): Promise<Step> {
    this.#heard?.();
    this.#heard = undefined;
    return new Promise((resolve) => {
      this.#ask = resolve;
      this.#answer();
    });
  }

  #answer(): void {
    const ask = this.#ask;
    const saying = ask && this.#sayings.shift();
    if (!ask || !saying) return;
    this.#ask = undefined;
    this.#heard = saying.heard;
    ask(new Promise<Step>((resolve) => resolve(saying.answer())) as Promise<never>);
  }
}
