import {
  Connection,
  createConnection,
  internals,
  CounterTotals,
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
import { Growth } from './following/growth.js';
import { Reconciler, type FollowedPool } from './following/reconciler.js';
import type { LeasesHost } from './leases/host.js';
import { Leases } from './leases/leases.js';
import { Health } from './members/health.js';
import type { MemberOptions } from './members/member-options.js';
import { Member, type MemberHost, type MemberSpec } from './members/member.js';
import { Renewal } from './members/renewal.js';
import { Roster } from './members/roster.js';
import type { PoolSettings } from './options.js';
import { ReadyWaiters } from './ready-waiters.js';

/** The owner of a pool. */
export interface PoolOwner {
  /** What the connections of all its pools share. */
  readonly shared: Shared;
  /** The pool is disconnected: its name is free. */
  disconnected(): void;
}

/** The codes of lives that end as planned: they say nothing of the health of a pool. */
const plannedCodes: ReadonlySet<string> = new Set(['max-age', 'retired', 'disconnect']);

/** Makes the handler of each connection of a pool. */
export type HandlerFactory<H extends Handler> = (endpoint: Endpoint) => H;

/** The connections of a pool. It hears of their changes, and tells those who wait for one. */
export class PoolCore<H extends Handler> implements MemberHost<H>, LeasesHost<H>, FollowedPool<H> {
  readonly name: string;
  readonly options: MemberOptions;
  readonly roster: Roster<H>;
  readonly leases: Leases<H>;
  readonly reconciler: Reconciler<H> | undefined;
  readonly growth: Growth<H>;
  readonly health: Health = new Health();
  readonly waiters: ReadyWaiters = new ReadyWaiters(this);
  /** The counters of the connections that have left. */
  readonly removedTotals: CounterTotals = new CounterTotals();
  /** How it ends. */
  readonly end: PoolClosing = new PoolClosing(this);
  /** Whether the last connection was closed by a failure that trying again cannot mend. */
  isRefused = false;
  added = 0;
  overdue = 0;
  readonly drain: number;
  readonly #owner: PoolOwner;
  readonly factory: HandlerFactory<H>;
  readonly #renewal: Renewal<H>;

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
    this.#renewal = new Renewal(this);
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
    this.isRefused = false;
    telemetry.publishPoolAdd(this, connection);
    this.#publishState(member);
    if (!spec.isHeld) member.internals.start();
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
    if (from === 'connecting' && (state === 'waiting' || state === 'closed')) {
      this.#failed(member, member.internals.record.lastDialError);
    }
    this.roster.update(member);
    this.waiters.update();
    if (state !== 'closed') return;
    this.roster.remove(member);
    member.internals.record.addTo(this.removedTotals);
    const { closing } = member.internals;
    this.isRefused = closing !== undefined && endsForGood(closing);
    this.waiters.removed();
  }

  changed(member: Member<H>, event: OwnerEvent, reset?: Reset): void {
    switch (event) {
      case 'handler-error':
      case 'write-refused':
        // The counters of a closed connection are in the totals already.
        if (member.connection.state === 'closed') this.removedTotals.count(event);
        return;
      case 'reset':
        this.#lifeEnded(member, reset as Reset);
        break;
      case 'ready':
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
    this.waiters.update();
  }

  followed(): void {
    this.leases.serve();
  }

  discoveryEnded(): void {
    if (this.hasProspects) return;
    this.leases.failWithoutProspects();
    this.waiters.fail(this.leases.nothingReady());
  }

  discoveryFailed(error: unknown): void {
    if (error instanceof Error && this.size === 0) this.health.failed(error);
  }

  /** Acts on a change of which connections are usable. The change is complete, so the application's code may run. */
  settle(member: Member<H>): void {
    this.#publishState(member);
    if (!this.isClosed) this.reconciler?.drainSuperseded();
    this.leases.serve();
    this.leases.failWithoutProspects();
  }

  closing(error: Error): void {
    this.waiters.fail(error, -1);
    this.reconciler?.stop(error);
    this.growth.stop();
    this.#owner.disconnected();
    telemetry.publishPoolDisconnect(this);
  }

  #lifeEnded(member: Member<H>, reset: Reset): void {
    this.leases.lifeEnded(member, reset);
    if (!plannedCodes.has(reset.code)) this.#failed(member, reset);
  }

  #failed(member: Member<H>, failure: Error | Reset | undefined): void {
    if (!failure) return;
    this.#renewal.failed(member);
    this.health.failed(failure);
    member.group.health.failed(failure);
  }

  #publishState({ group }: Member<H>): void {
    if (this.isClosed) return;
    const before = this.health.update(this.roster.size, this.roster.ready);
    const groupBefore = group.health.update(group.size, group.ready);
    if (before) telemetry.publishPoolState(this, this.health, before);
    if (!groupBefore || group.size === 0) return;
    telemetry.publishEndpointState(this, group.health, groupBefore, group.endpoint);
  }
}
