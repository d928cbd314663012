import { DiscoveryError, messageOf } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import {
  distinct,
  endpointKey,
  sourceOf,
  type DiscoveredEndpoint,
  type Discovery,
  type DiscoveryContext,
} from '../discovery/index.js';
import { LookUp } from '../resolver/index.js';
import type { DnsSettings } from './dns-options.js';
import { Lingering } from './lingering.js';
import { refreshDelay, retryDelay } from './refresh.js';
import { withRoute } from './routes.js';

type Snapshot = readonly DiscoveredEndpoint[];

/** The result of a look-up: at least one endpoint, and the least TTL in seconds. */
export interface DnsAnswer {
  readonly endpoints: Snapshot;
  readonly ttl: number;
  /** What failed of it, and is asked for again soon. */
  readonly failures?: readonly Error[];
  /** What was left out of it, in words. */
  readonly omissions?: readonly string[];
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

/** Looks up a name whenever the last answer has expired, or is in doubt, and yields each answer that differs from the one before. */
export function follow(subject: DnsSubject): Discovery {
  // What lingers is not forgotten when a look-up fails, which ends an iteration.
  const { linger, maxRefresh } = subject.settings;
  const lingering = new Lingering(linger, maxRefresh);
  return sourceOf((context) => new Following(subject, lingering, context).snapshots(), true);
}

/** One iteration. */
class Following {
  readonly #subject: DnsSubject;
  readonly #lingering: Lingering;
  readonly #context: DiscoveryContext;
  readonly #look: (lookUp: LookUp) => Promise<DnsAnswer>;
  readonly #random: () => number;
  #answer: Snapshot = [];
  /** The present snapshot, its text, and the text of the one that was given last. */
  #snapshot: Snapshot = [];
  #text = '';
  #given = '';
  #omissions: readonly string[] = [];
  /** How many look-ups in a row have failed in part. */
  #failed = 0;

  constructor(subject: DnsSubject, lingering: Lingering, context: DiscoveryContext) {
    this.#subject = subject;
    this.#lingering = lingering;
    this.#context = context;
    this.#look = subject.begin();
    this.#random = subject.random ?? Math.random;
  }

  async *snapshots(): AsyncGenerator<Snapshot, void, undefined> {
    const { minRefresh } = this.#subject.settings;
    while (!this.#context.signal.aborted) {
      const delay = await this.#ask();
      const moment = now();
      yield* this.#news();
      yield* this.#pause(moment + delay, moment + minRefresh);
    }
  }

  /** Waits for the next look-up, which is no sooner than `soonest`. Meanwhile, endpoints that linger may go. */
  async *#pause(due: number, soonest: number): AsyncGenerator<Snapshot, void, undefined> {
    for (let last = due; ;) {
      const [moment, end] = [now(), Math.min(last, this.#lingering.nextEnd)];
      const reason = await this.#context.wait(Math.max(0, end - moment), Math.max(0, soonest - moment));
      if (reason === 'doubt') last = Math.min(last, soonest);
      else if (reason !== 'due' || end === last) return;
      if (now() >= last) return;
      this.#lingering.expire(now());
      this.#arrange();
      yield* this.#news();
    }
  }

  /** The present snapshot, if it is not the one that was given last. */
  *#news(): Generator<Snapshot, void, undefined> {
    if (this.#text === this.#given) return;
    this.#given = this.#text;
    yield this.#snapshot;
  }

  /** Makes the present snapshot. */
  #arrange(): void {
    const { maxEndpoints } = this.#subject.settings;
    const lingering = this.#lingering.endpoints.slice(0, maxEndpoints - this.#answer.length);
    this.#snapshot = arranged([...this.#answer, ...lingering]);
    this.#text = JSON.stringify(this.#snapshot);
  }

  /** Looks up. Returns how many milliseconds to wait before the next look-up. */
  async #ask(): Promise<number> {
    const { name, settings } = this.#subject;
    const [begun, chance] = [now(), this.#random()];
    const answer = await this.#lookUp();
    const { ttl, failures = [] } = answer;
    const all = distinct(answer.endpoints);
    this.#take(answer, all, await withRoute(all));
    this.#failed = failures.length > 0 ? this.#failed + 1 : 0;
    const delay = refreshDelay(ttl, settings, chance);
    const wait = this.#failed > 0 ? Math.min(delay, retryDelay(this.#failed, settings, chance)) : delay;
    const lingering = this.#snapshot.length - this.#answer.length;
    this.#context.report({ name, ttl, took: now() - begun, wait, failures: failures.length, lingering });
    return wait;
  }

  /** Takes all endpoints of an answer to which there is a route. */
  #take(answer: DnsAnswer, all: Snapshot, endpoints: Snapshot): void {
    const { maxEndpoints } = this.#subject.settings;
    const omissions = [...(answer.omissions ?? [])];
    const [unreachable, excess] = [all.length - endpoints.length, endpoints.length - maxEndpoints];
    if (unreachable > 0) omissions.push(`no route leads to ${unreachable} of its ${all.length} addresses`);
    if (excess > 0) omissions.push(`maxEndpoints leaves out ${excess} of its ${endpoints.length} endpoints`);
    this.#answer = arranged(endpoints).slice(0, maxEndpoints);
    this.#lingering.take(this.#answer, now(), maxEndpoints);
    this.#arrange();
    this.#tell(answer.failures ?? [], omissions);
    if (this.#text === this.#given) this.#context.confirm();
  }

  /** Failures are told each time, what is left out when it is something else than before. */
  #tell(failures: readonly Error[], omissions: readonly string[]): void {
    const { name } = this.#subject;
    for (const failure of failures) this.#context.fail(failure);
    for (const omission of omissions) {
      if (this.#omissions.includes(omission)) continue;
      this.#context.fail(new DiscoveryError(`the answer for ${name} is not used in full: ${omission}`, name));
    }
    this.#omissions = omissions;
  }

  async #lookUp(): Promise<DnsAnswer> {
    const { name, settings } = this.#subject;
    const lookUp = new LookUp(settings, this.#context.signal);
    try {
      return await this.#look(lookUp);
    } catch (cause) {
      if (cause instanceof DiscoveryError) throw cause;
      throw new DiscoveryError(`the look-up of ${name} failed: ${messageOf(cause)}`, name, { cause });
    } finally {
      lookUp.end();
    }
  }
}

/** Sorted, so that the same records in another order give the same snapshot, cut in the same place. */
function arranged(endpoints: Snapshot): Snapshot {
  const ranked = endpoints.map((endpoint) => ({ endpoint, key: endpointKey(endpoint) }));
  ranked.sort((a, b) => (a.endpoint.priority ?? 0) - (b.endpoint.priority ?? 0) || (a.key < b.key ? -1 : 1));
  return Object.freeze(ranked.map(({ endpoint }) => endpoint));
}
