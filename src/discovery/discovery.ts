import type { Endpoint } from '../primitives/endpoint.js';

/** An endpoint, and what a source may say about it; `servername`, where it knows the name to verify. */
export type DiscoveredEndpoint = Endpoint & {
  /**
   * Finite, at least 0: its share of the connections, picks and leases, relative to other endpoints of the same priority. With 0 it
   * is used only where no other one is free.
   * @default 1
   */
  readonly weight?: number;
  /**
   * A whole number from 0: the endpoint is used only while no endpoint with a lower number is ready.
   * @default 0
   */
  readonly priority?: number;
};

/**
 * Why a source is to be asked again: its time has come, one of its endpoints fails, `pool.refresh()` was called, the source
 * itself called `wake()`, or the pool has stopped listening.
 */
export type AskReason = 'due' | 'doubt' | 'refresh' | 'woken' | 'aborted';

/** What a pool is to the source that it follows: it says when it doubts the last snapshot, and hears how the look-ups go. */
export interface DiscoveryContext {
  /** Aborts when the pool stops listening to this iteration. */
  readonly signal: AbortSignal;
  /**
   * Waits until the source is to be asked again: for `most` milliseconds, or `Infinity`; if one of its endpoints fails, only
   * until then, but at least for `least` milliseconds; not at all once `pool.refresh()` or `wake()` was called, or the signal
   * has aborted. What happens between two waits counts for the next one. The wait does not keep the process alive. Another call
   * replaces it. Never rejects.
   * @param least by default 1 000
   * @throws OptionError unless both are milliseconds.
   */
  readonly wait: (most: number, least?: number) => Promise<AskReason>;
  /** Ends the wait under way, or the next one: for a source that is told of changes. */
  readonly wake: () => void;
  /**
   * Calls the listener each time that an endpoint fails (`doubt`), which may be often, and for `pool.refresh()`. Returns a function
   * that ends this.
   */
  readonly onDoubt: (listener: (reason: 'doubt' | 'refresh') => void) => () => void;
  /** Says that the source was asked, and that its last snapshot still holds: nothing needs to be yielded. */
  readonly confirm: () => void;
  /** Says that part of an answer failed, or was left out: the pool tells of it, and the iteration goes on. */
  readonly fail: (error: unknown) => void;
  /** Figures of the source: the own members of the object appear as `pool.stats().discovery.source`, until the next report. */
  readonly report: (figures: object) => void;
}

/**
 * A source of endpoints: each value is a whole snapshot. Every iteration starts from the beginning, and throws when the source
 * has no answer. A pool then keeps the last snapshot, and starts another iteration later.
 *
 * @example
 * ```ts
 * import { readFile, watch } from 'node:fs/promises';
 * import { createPool, type DiscoveredEndpoint, type Discovery, type Handler, type Pool } from 'connman';
 *
 * async function read(): Promise<DiscoveredEndpoint[]> {
 *   return JSON.parse(await readFile('endpoints.json', 'utf8')) as DiscoveredEndpoint[];
 * }
 *
 * const discovery: Discovery = {
 *   async *[Symbol.asyncIterator]() {
 *     const changes = watch('endpoints.json');
 *     yield await read();
 *     for await (const _ of changes) yield await read();
 *   },
 * };
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { discovery });
 * }
 * ```
 */
export interface Discovery extends AsyncIterable<readonly DiscoveredEndpoint[]> {
  /**
   * Makes an iteration that hears the doubts of a pool. A pool calls it instead of `[Symbol.asyncIterator]()`; a source that is made
   * of others passes its own context on.
   */
  follow?(context: DiscoveryContext): AsyncIterable<readonly DiscoveredEndpoint[]>;
  /**
   * Whether a pool dials each of its endpoints, as if `allowEndpoint` allowed it: whoever can change the source's answers cannot
   * make them say a `path`, or a `servername` of another.
   * @default false
   */
  readonly isTrusted?: boolean;
}
