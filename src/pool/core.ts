import {
  Connection,
  createConnection,
  internals,
  endsForGood,
  type Shared,
  type ConnectionState,
  type Handler,
  type OwnerEvent,
  type Reset,
  type RetireCode,
} from '../connection/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import * as telemetry from '../telemetry/index.js';
import { PoolClosing } from './closing.js';
import type { FollowedPool } from './following/discovered-members.js';
import { Growth } from './following/growth.js';
import { Reconciler } from './following/reconciler.js';
import type { LeasesHost } from './leases/host.js';
import { Leases } from './leases/leases.js';
import { Health, isPlanned } from './members/health.js';
import type { MemberOptions } from './members/member-options.js';
import { Member, type MemberHost, type MemberSpec } from './members/member.js';
import { Renewal } from './members/renewal.js';
import { Roster } from './members/roster.js';
import type { PoolSettings } from './options.js';
import { publishStates } from './publish-states.js';
import { ReadyWaiters } from './ready-waiters.js';
import { regroup } from './regroup.js';
import { PoolStandIns } from './stand-ins.js';

/** The owner of a pool. */
export interface PoolOwner {
  /** What the connections of all its pools share. */
  readonly shared: Shared;
  /** The pool is disconnected: its name is free. */
  disconnected(): void;
}

/** Makes the handler of each connection of a pool. */
export type HandlerFactory<H extends Handler> = (endpoint: Endpoint) => H;

/** The connections of a pool. It hears of their changes, and tells the callers that wait for one. */
export class PoolCore<H extends Handler> implements MemberHost<H>, LeasesHost<H>, FollowedPool<H> {
  readonly name: string;
  readonly options: MemberOptions;
  readonly roster: Roster<H>;
  readonly leases: Leases<H>;
  readonly reconciler: Reconciler<H> | undefined;
  readonly growth: Growth<H>;
  readonly health: Health = new Health();
  readonly waiters: ReadyWaiters = new ReadyWaiters(this);
  /** How it ends. */
  readonly end: PoolClosing = new PoolClosing(this);
  #wasRefused = false;
  added = 0;
  overdue = 0;
  readonly drain: number;
  readonly #owner: PoolOwner;
  readonly factory: HandlerFactory<H>;
  readonly standIns: PoolStandIns<H> = new PoolStandIns(this);
  readonly #renewal: Renewal<H> = new Renewal(this, this.standIns);

  constructor(
    name: string,
    factory: HandlerFactory<H>,
    settings: PoolSettings,
    options: MemberOptions,
    owner: PoolOwner,
  ) {
    this.name = name;
    this.#owner = owner;
    this.options = options;
    this.roster = new Roster(settings.balancer, settings.spill);
    this.factory = factory;
    this.drain = settings.drain;
    this.growth = new Growth(this, settings.elastic);
    this.leases = new Leases(this, settings);
    this.reconciler = settings.discovery && new Reconciler(this, settings.discovery, settings, options);
  }

  get shared(): Shared {
    return this.#owner.shared;
  }

  /** All connections, including those that leave the pool. */
  get size(): number {
    return this.roster.members.size;
  }

  /** Whether a connection may become ready without the application adding one. */
  get hasProspects(): boolean {
    const mayGrow = this.reconciler?.canGrow === true && !this.isRefused && !this.isClosed;
    return mayGrow || this.roster.size > 0;
  }

  /** Whether the last connection was closed by a failure that trying again cannot mend, and no other is to be opened. */
  get isRefused(): boolean {
    return this.#wasRefused && this.reconciler?.willRestore !== true;
  }

  get isWanting(): boolean {
    return this.leases.waiting > 0 || this.waiters.size > 0;
  }

  get cause(): Error | undefined {
    return this.health.cause;
  }

  get isClosed(): boolean {
    return this.end.isClosed;
  }

  get closedError(): Error | undefined {
    return this.end.error;
  }

  refuseClosed(): void {
    if (this.closedError) throw this.closedError;
  }

  open(spec: MemberSpec): Connection<H> {
    this.refuseClosed();
    const { key, rank, options } = spec;
    // All connections to an endpoint share one object.
    const { endpoint } = this.roster.groups.get(key) ?? spec;
    const { factory } = this;
    const handler = factory(endpoint);
    // The factory may have disconnected the pool.
    this.refuseClosed();
    const member = new Member<H>(this, spec);
    const connection = createConnection(endpoint, handler, options, member);
    member.attach(connection, this.roster.groupOf(key, endpoint, rank));
    this.roster.add(member, spec.instead as Member<H> | undefined);
    this.added += 1;
    this.#wasRefused = false;
    telemetry.publishPoolAdd(this, connection);
    publishStates(this, [member.group]);
    if (!spec.dialsLater) member.internals.start();
    return connection;
  }

  /** The member of a connection, unless it is of another pool, or has left. */
  memberOf(connection: unknown): Member<H> | undefined {
    if (!(connection instanceof Connection) || connection.state === 'closed') return undefined;
    const { owner } = internals(connection as Connection<H>);
    return owner instanceof Member && owner.host === this ? owner : undefined;
  }

  changing(member: Member<H>, from: ConnectionState): void {
    const { state } = member.connection;
    if (from === 'ready') member.retirement = undefined;
    if (state === 'connecting' && member.internals.dialer.failover.isMobile) regroup(this, member);
    if (from === 'connecting' && (state === 'waiting' || state === 'closed')) {
      this.#failed(member, member.internals.record.lastDialError);
    }
    this.roster.moved(member, from);
    this.roster.update(member);
    this.waiters.update();
    if (state !== 'closed') return;
    this.leases.leaves(member);
    this.roster.remove(member);
    const { closing } = member.internals;
    this.#wasRefused = closing !== undefined && endsForGood(closing);
    this.reconciler?.left(member, this.#wasRefused);
    this.waiters.removed();
  }

  changed(member: Member<H>, event: OwnerEvent, reset?: Reset): void {
    switch (event) {
      case 'handler-error':
      case 'write-refused':
        return;
      case 'reset':
        this.leases.lifeEnded(member, reset as Reset);
        if (!isPlanned(reset as Reset)) this.#failed(member, reset);
        break;
      case 'closing':
        this.reconciler?.left(member, false);
        break;
      case 'ready':
        this.reconciler?.ready(member);
        this.#renewal.renewNext(member);
        if (this.leases.waiting > 0) this.growth.wanted();
        break;
      case 'closed':
        this.end.connectionLeft();
        telemetry.publishPoolRemove(this, member.connection);
        this.#renewal.renewNext(member);
    }
    this.settle(member);
    if (event === 'closed') this.end.settled();
  }

  mayRetire(member: Member<H>, code: RetireCode): boolean {
    return this.#renewal.mayRetire(member, code);
  }

  retireIfOverdue(member: Member<H>): boolean {
    return this.#renewal.retireIfOverdue(member);
  }

  leaving(member: Member<H>): void {
    this.roster.update(member);
    this.reconciler?.left(member, false);
    this.waiters.update();
  }

  followed(): void {
    publishStates(this, this.roster.groups.values());
    this.waiters.update();
    this.leases.serve();
    this.discoveryEnded();
  }

  discoveryEnded(): void {
    if (this.hasProspects) return;
    this.leases.failWithoutProspects();
    this.waiters.fail(this.leases.nothingReady());
  }

  discoveryFailed(error: Error): void {
    if (this.size === 0) this.health.failed(error);
  }

  /** Acts on a change of which connections are usable. The change is complete, so the application's code may run. */
  settle(member: Member<H>): void {
    publishStates(this, [member.group]);
    if (!this.isClosed) this.reconciler?.drainSuperseded();
    this.leases.serve();
    this.leases.failWithoutProspects();
  }

  closing(error: Error): void {
    this.waiters.fail(error, -1);
    this.reconciler?.stop(error);
    this.growth.stop();
    this.standIns.stop();
    this.#owner.disconnected();
    telemetry.publishPoolDisconnect(this);
  }

  #failed(member: Member<H>, failure: Error | Reset | undefined): void {
    if (!failure) return;
    this.#renewal.failed(member);
    this.health.failed(failure);
    member.group.health.failed(failure);
    this.reconciler?.failed(member, failure);
  }
}
