import { addAbortListener, removeAbortListener } from '../primitives/abort-listeners.js';

/**
 * An iterable of which `produce` makes each iteration, with a signal of its own. A generator alone would end only after the
 * `next()` under way; here `return()` ends that `next()` at once, and aborts the signal to stop what it was waiting for.
 */
export function cancellable<T>(
  produce: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new Iteration(produce) };
}

class Iteration<T> implements AsyncIterator<T, undefined> {
  readonly #ending = new AbortController();
  readonly #steps: AsyncGenerator<T, void, undefined>;

  constructor(produce: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>) {
    this.#steps = produce(this.#ending.signal);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const { signal } = this.#ending;
    return new Promise((resolve, reject) => {
      const end = (): void => resolve({ done: true, value: undefined });
      if (signal.aborted) return end();
      addAbortListener(signal, end);
      const leave = (): void => removeAbortListener(signal, end);
      this.#steps.next().then(
        (step) => (leave(), resolve(step as IteratorResult<T, undefined>)),
        (error: unknown) => (leave(), reject(error as Error)),
      );
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#ending.abort();
    this.#steps.return().catch(() => undefined);
    return Promise.resolve({ done: true, value: undefined });
  }
}
