import { Asking, type DiscoveredEndpoint } from '../../src/discovery/index.js';
import type { DiscoverySource } from '../../src/index.js';
import { messageOf } from '../../src/primitives/errors.js';
import { it as plainIt } from './fixtures.js';

/** An iteration as a pool has it: what the source says, and what says to the source that it is in doubt. */
class Heard {
  /** The hosts of each snapshot. */
  readonly snapshots: string[] = [];
  readonly failures: string[] = [];
  readonly reports: object[] = [];
  confirmed: number = 0;
  /** What ended the iteration. */
  error: unknown;
  endpoints: readonly DiscoveredEndpoint[] = [];
  readonly #ending = new AbortController();
  readonly #asking: Asking;

  constructor(source: DiscoverySource) {
    this.#asking = new Asking(this.#ending.signal, {
      confirm: () => (this.confirmed += 1),
      fail: (error) => this.failures.push(messageOf(error)),
      report: (figures) => this.reports.push(figures),
    });
    this.#listen(source).catch((error: unknown) => (this.error = error));
  }

  ask(reason: 'doubt' | 'refresh'): void {
    this.#asking.ask(reason);
  }

  end(): void {
    this.#ending.abort();
  }

  async #listen(source: DiscoverySource): Promise<void> {
    const discovery = typeof source === 'function' ? source(this.#ending.signal, this.#asking) : source;
    for await (const snapshot of discovery.follow?.(this.#asking) ?? discovery) {
      this.endpoints = snapshot;
      this.snapshots.push(snapshot.map(({ host }) => host).join(' '));
    }
  }
}

/** `it` with what follows a source until the test ends. */
export const it = plainIt.extend<{ hear: (source: DiscoverySource) => Heard }>({
  // oxlint-disable-next-line no-empty-pattern
  hear: async ({}, use) => {
    const all: Heard[] = [];
    await use((source) => {
      const heard = new Heard(source);
      all.push(heard);
      return heard;
    });
    for (const heard of all) heard.end();
  },
});
