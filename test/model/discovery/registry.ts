import type { DiscoveredEndpoint, DiscoveryContext } from '../../../src/index.js';
import { nextTurn } from '../../support/fixtures.js';

/** What goes wrong with the look-ups, as with those of a DNS. */
export type Fault = 'none' | 'throws' | 'empty' | 'garbage' | 'in part' | 'slow' | 'ends';

/** The least time between two look-ups for doubts. */
const least = 50;

/** A registry, and a source that asks it. */
export class Registry {
  list: readonly DiscoveredEndpoint[] = [];
  fault: Fault = 'none';
  hasEnded = false;
  /** What was given to the pool last, of what it can follow. */
  given: readonly DiscoveredEndpoint[] = [];
  /** How often it was asked again for a doubt sooner than it may be. */
  hasty = 0;
  #wake: (() => void) | undefined;

  /** Tells the source that the list has changed. */
  wake(): void {
    this.#wake?.();
  }

  /** The source, for a pool. */
  readonly follow = async function* (
    this: Registry,
    signal: AbortSignal,
    { confirm, fail, wait, wake }: DiscoveryContext,
  ): AsyncGenerator<readonly DiscoveredEndpoint[]> {
    this.#wake = wake;
    this.hasEnded = false;
    let last = '';
    /* oxlint-disable no-await-in-loop -- one look-up after the other */
    while (!signal.aborted) {
      if (this.fault === 'throws') throw new Error('no answer');
      if (this.fault === 'slow') for (let turn = 0; turn < 3; turn += 1) await nextTurn();
      if (this.fault === 'in part') fail(new Error('a part of it'));
      if (this.fault === 'ends' && last !== '') break;
      const answer = this.fault === 'empty' ? [] : this.fault === 'garbage' ? [{ port: -1 }] : this.list;
      const text = JSON.stringify(answer);
      if (text === last) confirm();
      else {
        last = text;
        if (answer === this.list) this.given = this.list;
        yield answer as readonly DiscoveredEndpoint[];
      }
      const begun = performance.now();
      const reason = await wait(60_000, least);
      if (reason === 'doubt' && performance.now() - begun < least - 1) this.hasty += 1;
    }
    /* oxlint-enable no-await-in-loop */
    this.hasEnded = true;
  }.bind(this);
}
