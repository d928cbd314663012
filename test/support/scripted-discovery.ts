import type { Discovery } from '../../src/index.js';

interface Saying {
  readonly value?: unknown;
  readonly error?: Error;
  readonly isLast?: boolean;
}

/** A source of endpoints that says what it is told to, one thing after the other. */
export class ScriptedDiscovery implements Discovery {
  /** How often somebody has begun to listen, and how many of them have stopped. */
  begun = 0;
  left = 0;
  #queue: Saying[] = [];
  #wake: (() => void) | undefined;

  /** Says this, be it an endpoint list or not. */
  say(value: unknown): void {
    this.#push({ value });
  }

  /** Fails: who listens has to begin anew. */
  fail(error: Error): void {
    this.#push({ error });
  }

  /** Has said all that it ever will. */
  end(): void {
    this.#push({ isLast: true });
  }

  [Symbol.asyncIterator](): AsyncIterator<never> {
    this.begun += 1;
    return {
      next: () => this.#next() as Promise<IteratorResult<never>>,
      return: () => {
        this.left += 1;
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #push(saying: Saying): void {
    this.#queue.push(saying);
    this.#wake?.();
  }

  async #next(): Promise<{ done: boolean; value: unknown }> {
    while (this.#queue.length === 0) {
      // oxlint-disable-next-line no-await-in-loop -- until there is something to say
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const { value, error, isLast = false } = this.#queue.shift() as Saying;
    if (error) throw error;
    return { done: isLast, value };
  }
}
