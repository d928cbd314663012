import { DiscoveryError, messageOf } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import type { DnsSettings } from './dns-options.js';
import { interruptible } from './interruptible.js';
import { LookUp } from './look-up.js';
import { refreshDelay, waitUntil } from './refresh.js';
import { distinct, endpointKey, type DiscoveredEndpoint, type Discovery } from '../discovery/index.js';

/** What a look-up came to: at least one endpoint, and for how many seconds they are good. */
export interface DnsAnswer {
  readonly endpoints: readonly DiscoveredEndpoint[];
  readonly ttl: number;
}

/** A name to be looked up again and again. */
export interface DnsSubject {
  readonly name: string;
  readonly settings: DnsSettings;
  /** Begins an iteration: returns what makes each of its look-ups, and may remember something from one to the next. */
  readonly begin: () => (lookUp: LookUp) => Promise<DnsAnswer>;
  /** Draws a number from 0 to 1. */
  readonly random?: () => number;
}

/** Looks a name up whenever the answer before has grown old, and gives each answer that differs from the one before. */
export function follow(subject: DnsSubject): Discovery {
  return interruptible((signal) => snapshots(subject, signal));
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

/** In an order that does not depend on the answer's, so that the same answer is the same snapshot, cut in the same place. */
function arranged(endpoints: readonly DiscoveredEndpoint[], most: number): readonly DiscoveredEndpoint[] {
  const ranked = endpoints.map((endpoint) => ({ endpoint, key: endpointKey(endpoint) }));
  ranked.sort((a, b) => (a.endpoint.priority ?? 0) - (b.endpoint.priority ?? 0) || (a.key < b.key ? -1 : 1));
  return Object.freeze(distinct(ranked.map(({ endpoint }) => endpoint)).slice(0, most));
}
