import { exponential, type Backoff } from '../../backoff/index.js';
import { readSnapshot, type DiscoveredEndpoint, type Discovery } from '../../discovery/index.js';
import { OptionError } from '../../primitives/errors.js';
import { startTimer, stopTimer, type Timer } from '../../primitives/time.js';

/**
 * A source of endpoints, or a function that makes one. The function gets a signal, which aborts when the pool no longer
 * listens.
 */
export type DiscoverySource = Discovery | ((signal: AbortSignal) => Discovery);

/** What a subscription calls. */
export interface SnapshotListener {
  /** A whole snapshot, checked and not empty. */
  snapshot(endpoints: readonly DiscoveredEndpoint[]): void;
  /** The source failed, or its answer cannot be used. The last snapshot still holds. */
  failed(error: unknown): void;
  /** The source has ended. */
  ended(): void;
  /** Whether the wait for another iteration keeps the process alive. */
  readonly keepsAlive: boolean;
}

const firstBackoff = (): Backoff => exponential({ initial: 1_000, max: 30_000 });

/** Iterates a source of endpoints, and begins another iteration after a failure. */
export class DiscoverySubscription {
  readonly #source: DiscoverySource;
  readonly #listener: SnapshotListener;
  readonly #stopped: AbortController = new AbortController();
  #iterator: AsyncIterator<unknown> | undefined;
  #backoff: Backoff = firstBackoff();
  #timer: Timer | undefined;

  constructor(source: DiscoverySource, listener: SnapshotListener) {
    this.#source = source;
    this.#listener = listener;
  }

  /** Begins to listen. The source and the listener are called later, never before this returns. */
  start(): void {
    void Promise.resolve().then(() => this.#listen());
  }

  /** Stops at once, and tells the source. */
  stop(): void {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    stopTimer(this.#timer);
    this.#leave();
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stopped;
    if (signal.aborted) return;
    try {
      this.#iterator = open(this.#source, signal);
      await this.#followTo(this.#iterator);
      if (!signal.aborted) this.#listener.ended();
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  async #followTo(iterator: AsyncIterator<unknown>): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one snapshot after the other
      const { done, value } = await iterator.next();
      if (done || signal.aborted) return;
      this.#take(value);
      // A source that always has an answer must not starve the event loop.
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #take(value: unknown): void {
    try {
      const endpoints = readSnapshot(value);
      if (endpoints.length === 0) throw new OptionError('snapshot', 'at least one endpoint', value, 'none');
      this.#backoff = firstBackoff();
      this.#listener.snapshot(endpoints);
    } catch (error) {
      this.#listener.failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#leave();
    this.#listener.failed(error);
    if (this.#stopped.signal.aborted) return;
    const { delay } = this.#backoff;
    this.#backoff = this.#backoff.next();
    this.#timer = startTimer(delay, this.#listener.keepsAlive, () => void this.#listen());
  }

  /** Ends the iteration. Errors of the source are ignored, because its answers are no longer used. */
  #leave(): void {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    try {
      void iterator?.return?.().then(undefined, () => undefined);
    } catch {
      // The same error, thrown at once.
    }
  }
}

function open(source: DiscoverySource, signal: AbortSignal): AsyncIterator<unknown> {
  const iterable: Discovery = typeof source === 'function' ? source(signal) : source;
  return iterable[Symbol.asyncIterator]();
}
