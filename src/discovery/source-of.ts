import { addAbortListener, removeAbortListener } from '../primitives/abort-listeners.js';
import { Asking } from './asking.js';
import type { DiscoveredEndpoint, Discovery, DiscoveryContext } from './discovery.js';

type Snapshot = readonly DiscoveredEndpoint[];
type Step = IteratorResult<Snapshot, undefined>;

/** Makes the snapshots of one iteration. */
type Produce = (context: DiscoveryContext) => AsyncGenerator<Snapshot, void, undefined>;

/**
 * A source of which `produce` makes each iteration, with a context of its own. A generator alone would end only after the
 * `next()` under way; here `return()` ends that `next()` at once, and aborts the signal to stop what it was waiting for.
 */
export function sourceOf(produce: Produce, isTrusted = false): Required<Discovery> {
  return {
    isTrusted,
    [Symbol.asyncIterator]: () => new Iteration(produce),
    follow: (context) => ({ [Symbol.asyncIterator]: () => new Iteration(produce, context) }),
  };
}

class Iteration implements AsyncIterator<Snapshot, undefined> {
  readonly #ending = new AbortController();
  readonly #steps: AsyncGenerator<Snapshot, void, undefined>;
  #unlink: () => void = () => undefined;

  constructor(produce: Produce, context?: DiscoveryContext) {
    const own = new Asking(this.#ending.signal, context);
    if (context) this.#unlink = this.#link(context, own);
    this.#steps = produce(own);
  }

  next(): Promise<Step> {
    const { signal } = this.#ending;
    return new Promise((resolve, reject) => {
      const end = (): void => resolve({ done: true, value: undefined });
      if (signal.aborted) return end();
      addAbortListener(signal, end);
      const leave = (isOver: unknown): void => {
        removeAbortListener(signal, end);
        if (isOver) this.#unlink();
      };
      this.#steps.next().then(
        (step) => (leave(step.done), resolve(step as Step)),
        (error: unknown) => (leave(true), reject(error as Error)),
      );
    });
  }

  return(): Promise<Step> {
    this.#unlink();
    this.#ending.abort();
    this.#steps.return().catch(() => undefined);
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends with the context that it was given, and hears its doubts. Returns what takes that back. */
  #link(context: DiscoveryContext, own: Asking): () => void {
    const { signal } = context;
    const end = (): void => this.#ending.abort();
    if (signal.aborted) {
      end();
      return end;
    }
    addAbortListener(signal, end);
    const unlisten = context.onDoubt((reason) => own.ask(reason));
    return () => {
      removeAbortListener(signal, end);
      unlisten();
    };
  }
}
