import { exponential, type Backoff } from '../../backoff/index.js';
import {
  Asking,
  defaultLeast,
  readSnapshot,
  type AskListener,
  type DiscoveredEndpoint,
  type Discovery,
  type DiscoveryContext,
} from '../../discovery/index.js';
import { controllerForAll } from '../../primitives/abort-listeners.js';
import { OptionError } from '../../primitives/errors.js';
import { Retry } from './retry.js';

/**
 * A source of endpoints, or a function that makes one. The function gets a signal, which aborts when the pool no longer
 * listens, and what tells it that the pool doubts the last snapshot.
 */
export type DiscoverySource = Discovery | ((signal: AbortSignal, context: DiscoveryContext) => Discovery);

/** What a subscription calls. */
export interface SnapshotListener {
  /** A whole snapshot, checked and not empty, of a source that may say more than host and port, or may not. */
  snapshot(endpoints: readonly DiscoveredEndpoint[], isTrusted: boolean): void;
  /** The source was asked, and the last snapshot still holds. */
  confirmed(): void;
  /** The source failed, or its answer cannot be used. The last snapshot still holds. */
  failed(error: unknown): void;
  /** Part of an answer failed. The rest can be used. */
  failedInPart(error: unknown): void;
  /** What the source says of itself. */
  reported(figures: object): void;
  /** The source has ended. */
  ended(): void;
  /** Whether the wait for another iteration keeps the process alive. */
  readonly keepsAlive: boolean;
}

const firstBackoff = (): Backoff => exponential({ initial: 1_000, factor: 2, max: 30_000 });

/** Iterates a source of endpoints, and begins another iteration after a failure, or to ask a source that hears no doubts. */
export class DiscoverySubscription {
  readonly #source: DiscoverySource;
  readonly #listener: SnapshotListener;
  /** Aborts when the present iteration is left for another one, or for good. */
  #left: AbortController = controllerForAll();
  /** The context of the iteration under way. */
  #asking: Asking | undefined;
  #isStarting = false;
  #hasAnswered = false;
  /** Whether the last answer was usable: only then can the source confirm it. */
  #isUsable = false;
  #iterator: AsyncIterator<unknown> | undefined;
  #backoff: Backoff = firstBackoff();
  #retry: Retry | undefined;
  /** The least time between two look-ups for doubts. */
  #least: number = defaultLeast;

  constructor(source: DiscoverySource, listener: SnapshotListener) {
    this.#source = source;
    this.#listener = listener;
  }

  /** Begins to listen. The source and the listener are called later, never before this returns. */
  start(): void {
    this.#isStarting = true;
    const { signal } = this.#left;
    void Promise.resolve().then(() => this.#listen(signal));
  }

  /** Stops at once, and tells the source. */
  stop(): void {
    if (this.#left.signal.aborted) return;
    this.#asking = undefined;
    this.#left.abort();
    this.#endRetry();
    this.#leave();
  }

  /** An endpoint fails: a source that hears doubts asks again soon, and one that has failed is asked again soon. */
  doubt(): void {
    this.#asking?.ask('doubt');
    this.#retry?.hasten();
  }

  /** Asks now: the source itself, or by another iteration, unless the present one has not had its first answer. */
  refresh(): void {
    const asking = this.#asking;
    if (this.#isStarting || this.#left.signal.aborted) return;
    if (!asking) return this.#restart();
    asking.ask('refresh');
    if (asking.isHeard || !this.#hasAnswered) return;
    // Only now it may be about to wait for the first time, or to end.
    const { signal } = this.#left;
    setImmediate(() => {
      const isHeard = this.#asking === asking && asking.isHeard;
      if (!signal.aborted && !isHeard) this.#restart();
    });
  }

  #restart(): void {
    this.stop();
    this.#left = controllerForAll();
    this.#backoff = firstBackoff();
    this.#isStarting = true;
    const { signal } = this.#left;
    // Later, as a subscriber of a failure may ask for it: a source that fails at once must not starve the event loop.
    setImmediate(() => void this.#listen(signal));
  }

  async #listen(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#endRetry();
    this.#isStarting = false;
    this.#hasAnswered = false;
    const asking: Asking = new Asking(
      signal,
      this.#listenerFor(() => this.#asking === asking),
    );
    this.#asking = asking;
    try {
      const discovery = discoveryOf(this.#source, asking);
      const iterable = discovery.follow?.(asking) ?? discovery;
      const iterator: AsyncIterator<unknown> = iterable[Symbol.asyncIterator]();
      this.#iterator = iterator;
      await this.#followTo(iterator, signal, discovery.isTrusted === true);
      if (signal.aborted) return;
      this.#asking = undefined;
      this.#listener.ended();
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  /** What the source says is heard while its iteration goes on. */
  #listenerFor(isHeard: () => boolean): AskListener {
    const listener = this.#listener;
    return {
      confirm: () => isHeard() && this.#isUsable && listener.confirmed(),
      fail: (error) => isHeard() && listener.failedInPart(error),
      report: (figures) => isHeard() && listener.reported(figures),
    };
  }

  async #followTo(iterator: AsyncIterator<unknown>, signal: AbortSignal, isTrusted: boolean): Promise<void> {
    while (!signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- one snapshot after the other
      const { done, value } = await iterator.next();
      if (done || signal.aborted) return;
      this.#hasAnswered = true;
      this.#take(value, isTrusted);
      // A source that always has an answer must not starve the event loop.
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #take(value: unknown, isTrusted: boolean): void {
    try {
      const endpoints = readSnapshot(value);
      if (endpoints.length === 0) throw new OptionError('snapshot', 'at least one endpoint', value, 'none');
      this.#backoff = firstBackoff();
      this.#listener.snapshot(endpoints, isTrusted);
      this.#isUsable = true;
    } catch (error) {
      this.#isUsable = false;
      this.#listener.failed(error);
    }
  }

  #failed(error: unknown): void {
    const { signal } = this.#left;
    this.#least = this.#asking?.least ?? this.#least;
    this.#asking = undefined;
    this.#leave();
    this.#listener.failed(error);
    if (signal.aborted) return;
    const times = { delay: this.#backoff.delay, least: this.#least };
    this.#backoff = this.#backoff.next();
    this.#retry = new Retry(times, this.#listener.keepsAlive, () => void this.#listen(signal));
  }

  #endRetry(): void {
    this.#retry?.stop();
    this.#retry = undefined;
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

/** Whether it is a source itself, and no function that makes one. */
export function isDiscovery(value: unknown): value is Discovery {
  const iterable = value as Partial<Discovery> | null | undefined;
  return typeof value === 'object' && typeof iterable?.[Symbol.asyncIterator] === 'function';
}

function discoveryOf(source: DiscoverySource, asking: Asking): Discovery {
  if (typeof source !== 'function') return source;
  const made: unknown = source(asking.signal, asking);
  if (!isDiscovery(made))
    throw new OptionError('discovery()', 'an AsyncIterable of lists of endpoints', made);
  return made;
}
