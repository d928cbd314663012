import { exponential, type Backoff } from '../../backoff/index.js';
import { readSnapshot, type DiscoveredEndpoint, type Discovery } from '../../discovery/index.js';
import { OptionError } from '../../primitives/errors.js';
import { startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import type { DiscoverySource } from '../options.js';

/** Who is told of what a source says. */
export interface SnapshotListener {
  /** A whole snapshot, checked, not empty. */
  snapshot(endpoints: readonly DiscoveredEndpoint[]): void;
  /** The source failed, or said something that cannot be used: what it said before is still good. */
  failed(error: unknown): void;
  /** The source has said all that it ever will. */
  ended(): void;
  /** Whether a wait for the next look at the source keeps the program alive. */
  readonly keepsAlive: boolean;
}

const firstBackoff = (): Backoff => exponential({ initial: 1_000, max: 30_000 });

/** Listens to a source of endpoints, and begins anew when it fails. */
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

  /** Begins to listen. Nothing is called before this has returned. */
  start(): void {
    void Promise.resolve().then(() => this.#listen());
  }

  /** Stops listening, at once; the source is told. */
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
      // A source that always has something to say must not keep everything else from running.
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

  /** Tells the source that nobody listens any more; what it makes of that is its own affair. */
  #leave(): void {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    try {
      void iterator?.return?.().then(undefined, () => undefined);
    } catch {
      // It could not be told.
    }
  }
}

function open(source: DiscoverySource, signal: AbortSignal): AsyncIterator<unknown> {
  const iterable: Discovery = typeof source === 'function' ? source(signal) : source;
  return iterable[Symbol.asyncIterator]();
}
