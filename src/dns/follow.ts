import { DiscoveryError, messageOf } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import type { DnsSettings } from './dns-options.js';
import { LookUp } from '../resolver/index.js';
import { refreshDelay, waitUntil } from './refresh.js';
import {
  distinct,
  endpointKey,
  sourceOf,
  type DiscoveredEndpoint,
  type Discovery,
} from '../discovery/index.js';

/** The result of a look-up: at least one endpoint, and the least TTL in seconds. */
export interface DnsAnswer {
  readonly endpoints: readonly DiscoveredEndpoint[];
  readonly ttl: number;
}

/** A name to follow in the DNS. */
export interface DnsSubject {
  readonly name: string;
  readonly settings: DnsSettings;
  /** Begins an iteration: returns the function for its look-ups, which may keep something from one to the next. */
  readonly begin: () => (lookUp: LookUp) => Promise<DnsAnswer>;
  /** Draws a number from 0 to 1. */
  readonly random?: () => number;
}

/** Looks up a name whenever the last answer has expired, and yields each answer that differs from the one before. */
export function follow(subject: DnsSubject): Discovery {
  return sourceOf(({ signal }) => snapshots(subject, signal), true);
}

async function* snapshots(
  subject: DnsSubject,
  signal: AbortSignal,
): AsyncGenerator<readonly DiscoveredEndpoint[], void, undefined> {
  const { settings, begin, random = Math.random } = subject;
  const look = begin();
  let given = '';
  while (!signal.aborted) {
    const { endpoints, ttl } = await answer(subject, look, signal);
    const due = now() + refreshDelay(ttl, settings, random());
    const snapshot = arranged(endpoints, settings.maxEndpoints);
    const text = JSON.stringify(snapshot);
    if (text !== given) yield snapshot;
    given = text;
    await waitUntil(due, signal);
  }
}

async function answer(
  { name, settings }: DnsSubject,
  look: (lookUp: LookUp) => Promise<DnsAnswer>,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const lookUp = new LookUp(settings, signal);
  try {
    return await look(lookUp);
  } catch (cause) {
    if (cause instanceof DiscoveryError) throw cause;
    throw new DiscoveryError(`the look-up of ${name} failed: ${messageOf(cause)}`, name, { cause });
  } finally {
    lookUp.end();
  }
}

/** Sorted, so that the same records in another order give the same snapshot, cut in the same place. */
function arranged(endpoints: readonly DiscoveredEndpoint[], most: number): readonly DiscoveredEndpoint[] {
  const ranked = endpoints.map((endpoint) => ({ endpoint, key: endpointKey(endpoint) }));
  ranked.sort((a, b) => (a.endpoint.priority ?? 0) - (b.endpoint.priority ?? 0) || (a.key < b.key ? -1 : 1));
  return Object.freeze(distinct(ranked.map(({ endpoint }) => endpoint)).slice(0, most));
}
