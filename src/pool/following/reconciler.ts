import { internals, type Connection, type Handler } from '../../connection/index.js';
import { endpointKey, type DiscoveredEndpoint } from '../../discovery/index.js';
import { leadingTo, type Endpoint } from '../../primitives/endpoint.js';
import { Waiters } from '../../primitives/waiters.js';
import { publishDiscoveryFailed, publishPoolDiscover, type PoolSource } from '../../telemetry/index.js';
import type { MemberOptions } from '../members/member-options.js';
import type { Rank } from '../members/group.js';
import type { Member, MemberSpec } from '../members/member.js';
import type { Roster } from '../members/roster.js';
import { DiscoverySubscription, type DiscoverySource } from './discovery-subscription.js';
import type { Growth } from './growth.js';
import { plan } from './plan.js';
import { ownOrder, ranksOf } from './ranks.js';
import { chooseSubset } from './subset.js';
import type { Subset } from './subset-options.js';

/** The options of a pool that concern discovery, complete. */
export interface FollowSettings {
  readonly perEndpoint: number;
  readonly subset: Subset | undefined;
  readonly drain: number;
}

/** The pool whose connections follow discovery. */
export interface FollowedPool<H extends Handler> extends PoolSource {
  readonly roster: Roster<H>;
  readonly isClosed: boolean;
  /** What has more connections than are wanted at least. */
  readonly growth: Growth<H>;
  /** Opens a connection. Throws what the application's factory throws. */
  open(spec: MemberSpec): Connection<H>;
  /** A snapshot is carried out: free connections may have another priority. */
  followed(): void;
  /** Discovery has failed, or a snapshot could not be carried out in full. */
  discoveryFailed(error: unknown): void;
  /** No snapshot will follow. */
  discoveryEnded(): void;
}

/** Opens and drains connections until the pool has those that the last snapshot asks for. */
export class Reconciler<H extends Handler> {
  readonly #pool: FollowedPool<H>;
  readonly #options: MemberOptions;
  readonly #subscription: DiscoverySubscription;
  readonly #subset: Subset | undefined;
  readonly #drain: number;
  readonly #answered: Waiters = new Waiters();
  #perEndpoint: number;
  #snapshot: readonly DiscoveredEndpoint[] | undefined;
  #ranks: ReadonlyMap<string, Rank> = new Map();
  /** To be drained once another connection is ready. */
  #superseded: ReadonlySet<Member<H>> = new Set();
  #hasEnded = false;
  #isFollowing = false;
  #mustFollowAgain = false;

  constructor(
    pool: FollowedPool<H>,
    source: DiscoverySource,
    { perEndpoint, subset, drain }: FollowSettings,
    options: MemberOptions,
  ) {
    this.#pool = pool;
    this.#options = options;
    this.#perEndpoint = perEndpoint;
    this.#subset = subset;
    this.#drain = drain;
    const hasNone = (): boolean => this.#members().length === 0;
    this.#subscription = new DiscoverySubscription(source, {
      snapshot: (endpoints) => this.#take(endpoints),
      failed: (error) => this.#failed(error),
      ended: () => this.#end(),
      get keepsAlive() {
        return hasNone();
      },
    });
  }

  /** Whether discovery may still bring connections. */
  get canGrow(): boolean {
    return !this.#hasEnded;
  }

  /** Whether the first snapshot is there, or none will come. */
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

  /** Whether it is to leave, so that it needs no successor. */
  isSuperseded(member: Member<H>): boolean {
    return this.#superseded.has(member);
  }

  /** Drains the superseded connections, unless they are the only ones that are ready, or too few others are, by `spill`. */
  drainSuperseded(): void {
    if (this.#superseded.size === 0) return;
    // A connection that leaves already keeps the times it was given.
    const superseded = [...this.#superseded].filter(({ status }) => status !== 'leaving');
    const readyOfThem = superseded.filter(({ isReady }) => isReady).length;
    const { ready, rotation } = this.#pool.roster;
    if (readyOfThem > 0 && (ready === readyOfThem || !rotation.isCovered)) return;
    this.#superseded = new Set();
    for (const member of superseded) member.leave({ drain: this.#drain });
  }

  #take(endpoints: readonly DiscoveredEndpoint[]): void {
    this.#snapshot = this.#subset ? subsetOf(endpoints, this.#subset) : endpoints;
    this.#follow();
    this.#answered.reached(1);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#answered.reached(1);
    this.#pool.discoveryEnded();
  }

  #failed(error: unknown): void {
    this.#pool.discoveryFailed(error);
    publishDiscoveryFailed(this.#pool, error);
  }

  /** Carries out the last snapshot. A factory of the application may call `resize()` meanwhile: then once more. */
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
    const members = this.#members().map((member) => ({ key: member.group.key, member }));
    const { open, drain: surplus } = plan(members, snapshot, this.#perEndpoint);
    this.#ranks = ranksOf(snapshot, this.#perEndpoint);
    this.#pool.roster.follow(this.#ranks);
    const drain = this.#pool.growth.withoutGrown(surplus);
    this.#superseded = new Set(drain.map(({ member }) => member));
    const opened = open.map((endpoint) => this.#open(endpoint));
    for (const index of ownOrder(open)) startDialling(opened[index]);
    publishPoolDiscover(this.#pool, snapshot.length, open.length, drain.length);
    this.#pool.followed();
  }

  /** An error of the factory does not keep the other endpoints from being opened. The next snapshot tries again. */
  #open(discovered: DiscoveredEndpoint): Connection<H> | undefined {
    if (this.#pool.isClosed) return undefined;
    const key = endpointKey(discovered);
    try {
      return this.#pool.open({
        key,
        endpoint: leadingTo(endpointOf(discovered), this.#options.defaults.prelude?.target),
        rank: this.#ranks.get(key) ?? {},
        isDiscovered: true,
        options: this.#options.defaults,
        isHeld: true,
      });
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  /** The connections that discovery has brought and not taken away: leased ones first, then ready ones. */
  #members(): readonly Member<H>[] {
    const rank = ({ lease, isReady }: Member<H>): number => (lease ? 0 : isReady ? 1 : 2);
    return this.#pool.roster.members
      .toArray()
      .filter(({ isDiscovered, status }) => isDiscovered && status !== 'leaving')
      .toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Unless the application has closed it meanwhile. */
function startDialling<H extends Handler>(connection: Connection<H> | undefined): void {
  if (connection?.state === 'waiting') internals(connection).start();
}

/** What a connection dials. With it goes the name to verify, where no option of the application says another. */
function endpointOf({ host, port, path, servername }: DiscoveredEndpoint): Endpoint {
  const names = servername === undefined ? undefined : { servername };
  return Object.freeze(path === undefined ? { host, port, ...names } : { path, ...names }) as Endpoint;
}

/** At most `size` endpoints of each priority. */
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
