import type { DiscoveredEndpoint } from '../../../src/index.js';
import { ScriptedDiscovery } from '../../support/scripted-discovery.js';

type Step = IteratorResult<readonly DiscoveredEndpoint[], undefined>;

/** A source that knows what was heard of it. */
export class ModelSource extends ScriptedDiscovery {
  /** What was given last, of what can be followed. */
  last: readonly DiscoveredEndpoint[] = [];
  hasEnded = false;
  /** Whether any of its snapshots was carried out. */
  isFollowed = false;
  /** Whether it has failed, and nobody listens until some time has passed. */
  hasFailed = false;

  override [Symbol.asyncIterator](): AsyncIterator<readonly DiscoveredEndpoint[], undefined> {
    const iterator = super[Symbol.asyncIterator]();
    this.hasFailed = false;
    return { ...iterator, next: () => this.#note(iterator.next()) };
  }

  async #note(next: Promise<Step>): Promise<Step> {
    try {
      const step = await next;
      if (step.done) this.hasEnded = true;
      else if (isGood(step.value)) this.last = step.value;
      return step;
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }
}

function isGood(value: unknown): boolean {
  const isList = Array.isArray(value) && value.length > 0;
  return isList && (value as readonly DiscoveredEndpoint[]).every(({ port = 0 }) => port > 0);
}
