import type { Handler } from '../../connection/index.js';
import { endpointKey, type DiscoveredEndpoint } from '../../discovery/index.js';
import { Waiters } from '../../primitives/waiters.js';
import { DiscoverySubscription } from './discovery-subscription.js';
import type { Member } from '../members/member.js';
import { plan } from './plan.js';
import type { DiscoverySource, PoolSettings } from '../options.js';
import { chooseSubset } from './subset.js';
import type { Subset } from './subset-options.js';

/** What a pool does for its discovery. */
export interface ReconcilerHost<H extends Handler> {
  /** The connections that discovery has brought and not taken away, what is worth most first. */
  readonly discovered: readonly Member<H>[];
  /** How many connections are ready. */
  readonly ready: number;
  /** Opens a connection; what goes wrong is thrown. */
  open(endpoint: DiscoveredEndpoint): void;
  /** An endpoint that stays may have another priority. */
  prioritize(endpoint: DiscoveredEndpoint): void;
  drain(member: Member<H>): void;
  /** A snapshot is carried out: so many connections were opened, and so many are to be drained. */
  hasFollowed(endpoints: number, opened: number, drained: number): void;
  /** Discovery has no answer, or none that can be followed. */
  discoveryFailed(error: unknown): void;
  /** There will be no other snapshot. */
  discoveryEnded(): void;
}

/** Keeps a pool's connections as its discovery says. */
export class Reconciler<H extends Handler> {
  readonly #host: ReconcilerHost<H>;
  readonly #subscription: DiscoverySubscription;
  readonly #subset: Subset | undefined;
  readonly #answered: Waiters = new Waiters();
  #perEndpoint: number;
  #snapshot: readonly DiscoveredEndpoint[] | undefined;
  /** What is to be drained as soon as something else is ready. */
  #superseded: ReadonlySet<Member<H>> = new Set();
  #hasEnded = false;
  #isFollowing = false;
  #mustFollowAgain = false;

  constructor(source: DiscoverySource, settings: PoolSettings, host: ReconcilerHost<H>) {
    this.#host = host;
    this.#subset = settings.subset;
    this.#perEndpoint = settings.perEndpoint;
    this.#subscription = new DiscoverySubscription(source, {
      snapshot: (endpoints) => this.#take(endpoints),
      failed: (error) => host.discoveryFailed(error),
      ended: () => {
        this.#hasEnded = true;
        this.#answered.reached(1);
        host.discoveryEnded();
      },
      get keepsAlive() {
        return host.discovered.length === 0;
      },
    });
  }

  /** Whether discovery may still bring connections. */
  get canGrow(): boolean {
    return !this.#hasEnded;
  }

  /** Whether there was a snapshot, or will never be one. */
  get hasAnswered(): boolean {
    return this.#snapshot !== undefined || this.#hasEnded;
  }

  start(): void {
    this.#subscription.start();
  }

  stop(error: Error): void {
    this.#subscription.stop();
    this.#answered.fail(error);
  }

  /** Resolves once the first snapshot is carried out, or the source has ended without one. */
  answered(signal: AbortSignal | undefined): Promise<void> {
    return this.#answered.wait(1, signal);
  }

  resize(perEndpoint: number): void {
    this.#perEndpoint = perEndpoint;
    this.#follow();
  }

  /** Drains what is superseded, if it can be done without. */
  drainSuperseded(): void {
    if (this.#superseded.size === 0) return;
    // What leaves already does so as the program has said.
    const superseded = [...this.#superseded].filter(({ status }) => status !== 'leaving');
    const readyOfThem = superseded.filter(({ isReady }) => isReady).length;
    if (readyOfThem > 0 && this.#host.ready === readyOfThem) return;
    this.#superseded = new Set();
    for (const member of superseded) this.#host.drain(member);
  }

  #take(endpoints: readonly DiscoveredEndpoint[]): void {
    this.#snapshot = this.#subset ? subsetOf(endpoints, this.#subset) : endpoints;
    this.#follow();
    this.#answered.reached(1);
  }

  /** Carries out the last snapshot; once more, if the program's code changes what is wanted meanwhile. */
  #follow(): void {
    this.#mustFollowAgain = true;
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    while (this.#mustFollowAgain && this.#snapshot) {
      this.#mustFollowAgain = false;
      this.#carryOut(this.#snapshot);
    }
    this.#isFollowing = false;
    this.drainSuperseded();
  }

  #carryOut(snapshot: readonly DiscoveredEndpoint[]): void {
    const members = this.#host.discovered.map((member) => ({ key: member.group.key, member }));
    const { open, drain } = plan(members, snapshot, this.#perEndpoint);
    this.#superseded = new Set(drain.map(({ member }) => member));
    for (const endpoint of snapshot) this.#host.prioritize(endpoint);
    for (const endpoint of open) this.#open(endpoint);
    this.#host.hasFollowed(snapshot.length, open.length, drain.length);
  }

  /** The program's factory may throw: the next snapshot tries again, and the other endpoints are opened. */
  #open(endpoint: DiscoveredEndpoint): void {
    try {
      this.#host.open(endpoint);
    } catch (error) {
      this.#host.discoveryFailed(error);
    }
  }
}

/** Of the endpoints of each priority, so many. */
function subsetOf(
  endpoints: readonly DiscoveredEndpoint[],
  { size, key }: Subset,
): readonly DiscoveredEndpoint[] {
  const priorities = new Set(endpoints.map(({ priority = 0 }) => priority));
  return [...priorities].flatMap((priority) =>
    chooseSubset(
      endpoints.filter((endpoint) => (endpoint.priority ?? 0) === priority),
      size,
      key,
      endpointKey,
    ),
  );
}
