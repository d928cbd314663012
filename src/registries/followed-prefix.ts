import type { DiscoveredEndpoint, DiscoveryContext } from '../discovery/index.js';
import { DiscoveryError, withCause } from '../primitives/errors.js';
import { pause } from '../primitives/pause.js';
import { now } from '../primitives/time.js';
import { EtcdGateway, short, type EtcdEntry, type EtcdSettings } from './etcd-gateway.js';
import { readRegisteredText } from './registered.js';
import { within } from './within.js';

/** The least time between two snapshots, in milliseconds, and between two times that all keys are read. */
const leastPause = 20;
const leastRead = 1_000;

/** One iteration over the endpoints under a prefix: reads all keys, then follows the changes, again and again. */
export class FollowedPrefix {
  readonly #settings: EtcdSettings;
  readonly #times: { readonly timeout: number; readonly refresh: number };
  readonly #context: DiscoveryContext;
  readonly #gateway: EtcdGateway;
  /** The endpoint of each key that has one. */
  #found: Map<string, DiscoveredEndpoint> = new Map();
  #given = '';

  constructor(
    settings: EtcdSettings,
    times: { timeout: number; refresh: number },
    context: DiscoveryContext,
  ) {
    this.#settings = settings;
    this.#times = times;
    this.#context = context;
    this.#gateway = new EtcdGateway(settings);
  }

  async *snapshots(): AsyncGenerator<readonly DiscoveredEndpoint[], void, undefined> {
    const { signal, confirm, report } = this.#context;
    while (!signal.aborted) {
      const revision = await this.#readAll();
      const before = this.#given;
      yield* this.#news();
      if (this.#given === before) confirm();
      report({ server: this.#gateway.server, revision: String(revision), keys: this.#found.size });
      yield* this.#watch(revision);
      await pause(leastPause, signal);
    }
  }

  /** The endpoints, if they are not those that were given last. */
  *#news(): Generator<readonly DiscoveredEndpoint[], void, undefined> {
    const entries = [...this.#found].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const snapshot = entries.map(([, endpoint]) => endpoint);
    const given = JSON.stringify(snapshot);
    if (given === this.#given) return;
    this.#given = given;
    yield snapshot;
  }

  /** Reads all keys, from the first server that answers. Returns their revision. */
  async #readAll(): Promise<bigint> {
    const { prefix, servers, most } = this.#settings;
    let cause: unknown;
    for (let tried = 0; tried < servers.length; tried += 1) {
      try {
        const keys = await within(this.#times.timeout, this.#context.signal, (ending) =>
          this.#gateway.keys(ending),
        );
        this.#found = new Map();
        this.#take(keys.entries);
        if (keys.hasMore) this.#fail(`only ${most} keys are used (maxEndpoints)`);
        return keys.revision;
      } catch (error) {
        cause = error;
        this.#gateway.useNext();
      }
    }
    throw new DiscoveryError(withCause(`etcd has no answer for ${prefix}`, cause), prefix, { cause });
  }

  #take(entries: readonly EtcdEntry[]): void {
    const { most } = this.#settings;
    for (const { key, value } of entries) {
      this.#found.delete(key);
      if (value === undefined) continue;
      try {
        const endpoint = readRegisteredText(value);
        if (this.#found.size < most) this.#found.set(key, endpoint);
        else this.#fail(`${short(key)} is left out (maxEndpoints)`);
      } catch (error) {
        this.#fail(`the value of ${short(key)} is no endpoint`, error);
      }
    }
  }

  /** Follows the changes, until it is time to read all keys again. */
  async *#watch(revision: bigint): AsyncGenerator<readonly DiscoveredEndpoint[], void, undefined> {
    const { signal, wait } = this.#context;
    const ending = new AbortController();
    const soonest = now() + leastRead;
    const watch: { isOver: boolean; failure?: unknown } = { isOver: false };
    void this.#apply(revision, ending.signal, watch);
    try {
      while ((await wait(this.#times.refresh, leastRead)) === 'woken') {
        if (watch.isOver) break;
        yield* this.#news();
        await pause(leastPause, signal);
      }
    } finally {
      ending.abort();
    }
    if (watch.isOver) await this.#lost(watch.failure, soonest);
  }

  async #apply(
    revision: bigint,
    signal: AbortSignal,
    watch: { isOver: boolean; failure?: unknown },
  ): Promise<void> {
    try {
      for await (const entries of this.#gateway.changes(revision, signal)) {
        if (signal.aborted) return;
        this.#take(entries);
        this.#context.wake();
      }
    } catch (error) {
      watch.failure = error;
    }
    watch.isOver = true;
    if (!signal.aborted) this.#context.wake();
  }

  /** Without a failure, etcd has only forgotten what came next: all keys are read again at once, but not again and again. */
  async #lost(failure: unknown, soonest: number): Promise<void> {
    const { signal } = this.#context;
    if (failure === undefined) return pause(Math.max(0, soonest - now()), signal);
    this.#fail('the watch is lost', failure);
    this.#gateway.useNext();
    return pause(leastRead, signal);
  }

  #fail(what: string, cause?: unknown): void {
    const { prefix } = this.#settings;
    this.#context.fail(new DiscoveryError(withCause(`etcd: ${what}`, cause), prefix, { cause }));
  }
}
