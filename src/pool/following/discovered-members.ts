import { internals, type Connection, type Handler } from '../../connection/index.js';
import { endpointKey, type DiscoveredEndpoint } from '../../discovery/index.js';
import { leadingTo, type Endpoint } from '../../primitives/endpoint.js';
import { withCause } from '../../primitives/errors.js';
import { publishPoolDiscover, type PoolSource } from '../../telemetry/index.js';
import type { Rank } from '../members/group.js';
import type { MemberOptions } from '../members/member-options.js';
import type { Member, MemberSpec } from '../members/member.js';
import type { Roster, WantedEndpoint } from '../members/roster.js';
import type { Growth } from './growth.js';
import { plan } from './plan.js';
import { ownOrder, ranksOf } from './ranks.js';
import { Restorations } from './restorations.js';

/** The pool whose connections follow discovery. */
export interface FollowedPool<H extends Handler> extends PoolSource {
  readonly roster: Roster<H>;
  readonly isClosed: boolean;
  /** What has more connections than are wanted at least. */
  readonly growth: Growth<H>;
  readonly standIns: { of(member: Member<H>): Member<H> | undefined };
  /** Opens a connection. Throws what the application's factory throws. */
  open(spec: MemberSpec): Connection<H>;
  /** A snapshot is carried out: free connections may have another rank, and others may be wanted. */
  followed(): void;
  /** Discovery has failed, or a snapshot could not be carried out in full. */
  discoveryFailed(error: Error): void;
  /** No snapshot will follow. */
  discoveryEnded(): void;
}

/** How the connections are treated that discovery brings. */
export interface DiscoveredSettings {
  readonly drain: number;
  readonly options: MemberOptions;
  /** A connection could not be opened. */
  readonly failed: (error: unknown) => void;
  /** Runs something in the async context of the pool. */
  readonly inContext: (action: () => void) => void;
}

/** The connections that discovery brings: opens, restores and drains them until the pool has those that are wanted. */
export class DiscoveredMembers<H extends Handler> {
  readonly #pool: FollowedPool<H>;
  readonly #settings: DiscoveredSettings;
  readonly #restorations: Restorations;
  /** The endpoints for which the factory has thrown while a snapshot is carried out. */
  readonly #failing: Set<string> = new Set();
  #hasWarned = false;
  /** To be drained once another connection is ready. */
  #superseded: ReadonlySet<Member<H>> = new Set();

  constructor(pool: FollowedPool<H>, settings: DiscoveredSettings) {
    this.#pool = pool;
    this.#settings = settings;
    this.#restorations = new Restorations((key) => settings.inContext(() => this.#restore(key)));
  }

  get isEmpty(): boolean {
    return this.#pool.roster.members.toArray().every((member) => !isFollowing(member));
  }

  /** Opens what a snapshot wants, and notes what it does not. */
  carryOut(endpoints: readonly DiscoveredEndpoint[], perEndpoint: number): void {
    const { roster } = this.#pool;
    roster.want(this.#wanted(endpoints, perEndpoint));
    this.#pool.growth.limit();
    this.#restorations.retain((key) => roster.groups.has(key));
    const refused = (key: string): number => roster.groups.get(key)?.refused ?? 0;
    const members = this.#members().map((member) => ({ key: member.group.key, member }));
    const { open, drain: surplus } = plan(members, endpoints, perEndpoint, refused);
    const drain = this.#pool.growth.withoutGrown(surplus);
    this.#superseded = new Set(drain.map(({ member }) => member));
    // A factory that throws may have called `resize()`: to open at once would ask it for ever.
    const later = new Set(this.#failing);
    const due = open.filter((endpoint) => !later.has(endpointKey(endpoint)));
    const opened = due.map((endpoint) => this.#open(endpointKey(endpoint), true));
    for (const index of ownOrder(due)) startDialling(opened[index]);
    publishPoolDiscover(this.#pool, endpoints.length, open.length, drain.length);
    this.#pool.followed();
  }

  /** It is done, also if something has changed meanwhile. */
  carriedOut(): void {
    const { isClosed, roster } = this.#pool;
    for (const key of this.#failing)
      if (!isClosed && roster.groups.has(key)) this.#restorations.schedule(key);
    this.#failing.clear();
  }

  /** No endpoint is wanted any more: drains all, whether or not others are ready. */
  drop(): void {
    const members = this.#members();
    this.#pool.roster.want(new Map());
    this.#pool.growth.limit();
    this.#superseded = new Set();
    this.#restorations.clear();
    for (const member of members) this.#drain(member);
    publishPoolDiscover(this.#pool, 0, 0, members.length);
    this.#pool.followed();
  }

  /** A connection leaves the pool, or is closed: another one is opened after a wait, unless this one has ended for good. */
  left(member: Member<H>, isRefused: boolean): void {
    const { group, isDiscovered, isLeaving } = member;
    const { isClosed, roster } = this.#pool;
    if (!isDiscovered || isClosed || group.wanted === 0) return;
    if (isRefused && !isLeaving) roster.refuse(group);
    else if (group.restorable > 0) this.#restorations.schedule(group.key);
  }

  /** A connection is ready. */
  ready({ group }: Member<H>): void {
    this.#restorations.succeeded(group.key);
  }

  /** All that is wanted may be opened, whatever has failed before. Returns whether some of it was refused. */
  refuseNone(): boolean {
    this.#restorations.clear();
    return this.#pool.roster.refuseNone();
  }

  stop(): void {
    this.#restorations.clear();
  }

  /** Whether it is to leave, so that it needs no successor. */
  isSuperseded(member: Member<H>): boolean {
    return this.#superseded.has(member);
  }

  /** Drains the superseded connections, but for the ready ones if no other connection is, or too few others are, by `spill`. */
  drainSuperseded(): void {
    if (this.#superseded.size === 0) return;
    // A connection that leaves already keeps the times it was given.
    const superseded = [...this.#superseded].filter(({ status }) => status !== 'leaving');
    const { roster, standIns } = this.#pool;
    // What stands in for one of them goes with it.
    const standingIn = superseded.filter((member) => standIns.of(member)?.isReady);
    const ready = superseded.filter((member) => member.isReady || standingIn.includes(member));
    const others = roster.ready - superseded.filter(({ isReady }) => isReady).length - standingIn.length;
    const areNeeded = ready.length > 0 && (others === 0 || !roster.rotation.isCovered);
    this.#superseded = new Set(areNeeded ? ready : []);
    for (const member of superseded) if (!this.#superseded.has(member)) this.#drain(member);
  }

  #drain(member: Member<H>): void {
    if (member.status !== 'leaving') member.leave({ drain: this.#settings.drain });
  }

  #restore(key: string): void {
    const { groups } = this.#pool.roster;
    const count = groups.get(key)?.restorable ?? 0;
    for (let opened = 0; opened < count; opened += 1) {
      if ((groups.get(key)?.restorable ?? 0) === 0 || !this.#open(key, false)) break;
    }
    this.#pool.followed();
  }

  /**
   * Opens one connection, which dials at once unless it `dialsLater`. An error of the factory does not keep the other endpoints from
   * being opened; the factory is asked again later.
   */
  #open(key: string, dialsLater: boolean): Connection<H> | undefined {
    const { isClosed, roster } = this.#pool;
    const group = roster.groups.get(key);
    if (isClosed || !group) return undefined;
    const { endpoint } = group;
    const options = this.#settings.options.defaults;
    try {
      return this.#pool.open({ key, endpoint, rank: {}, isDiscovered: true, dialsLater, options });
    } catch (error) {
      if (dialsLater) this.#failing.add(key);
      else if (!this.#pool.isClosed) this.#restorations.schedule(key);
      this.#settings.failed(error);
      this.#warn(error);
      return undefined;
    }
  }

  /** Warns once of a mistake, such as a factory that returns nothing: it is made again each time, and `ready()` would just wait. */
  #warn(error: unknown): void {
    if (this.#hasWarned || !(error instanceof TypeError || error instanceof ReferenceError)) return;
    this.#hasWarned = true;
    const message = withCause(`the factory of pool ${this.#pool.name} gives no handler`, error);
    process.emitWarning(message, { type: 'ConnmanWarning', code: 'CONNMAN_DISCOVERY' });
  }

  #wanted(endpoints: readonly DiscoveredEndpoint[], perEndpoint: number): Map<string, WantedEndpoint> {
    const ranks = ranksOf(endpoints, perEndpoint);
    const { prelude } = this.#settings.options.defaults;
    return new Map(
      endpoints.map((each) => {
        const key = endpointKey(each);
        const endpoint = leadingTo(endpointOf(each), prelude?.target);
        return [key, { endpoint, rank: ranks.get(key) as Rank }];
      }),
    );
  }

  /** Those that are not taken away: leased ones first, then ready ones. */
  #members(): readonly Member<H>[] {
    const rank = ({ lease, isReady }: Member<H>): number => (lease ? 0 : isReady ? 1 : 2);
    return this.#pool.roster.members
      .toArray()
      .filter(isFollowing)
      .toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Unless the application has closed it meanwhile. */
function startDialling<H extends Handler>(connection: Connection<H> | undefined): void {
  if (connection?.state === 'waiting') internals(connection).start();
}

function isFollowing({ isDiscovered, status }: Pick<Member, 'isDiscovered' | 'status'>): boolean {
  return isDiscovered && status !== 'leaving';
}

/** What a connection dials. With it goes the name to verify, where no option of the application says another. */
function endpointOf({ host, port, path, servername }: DiscoveredEndpoint): Endpoint {
  const names = servername === undefined ? undefined : { servername };
  return Object.freeze(path === undefined ? { host, port, ...names } : { path, ...names }) as Endpoint;
}
