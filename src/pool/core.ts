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
} from '../connection/index.js';
import { Deferred } from '../primitives/deferred.js';
import type { Endpoint } from '../primitives/endpoint.js';
import * as telemetry from '../telemetry/index.js';
import { Reconciler, type FollowedPool } from './following/reconciler.js';
import { poolClosed } from './leases/acquire-errors.js';
import { Leases, type LeasesHost } from './leases/leases.js';
import { Health } from './members/health.js';
import type { MemberOptions } from './members/member-options.js';
import { Member, type MemberHost, type MemberSpec } from './members/member.js';
import { Renewal } from './members/renewal.js';
import { Roster } from './members/roster.js';
import type { PoolSettings } from './options.js';
import { ReadyWaiters } from './ready-waiters.js';

/** Makes the handler of each connection of a pool. */
export type HandlerFactory<H extends Handler> = (endpoint: Endpoint) => H;

/** The connections of a pool. It hears of their changes, and tells those who wait for one. */
export class PoolCore<H extends Handler> implements MemberHost<H>, LeasesHost<H>, FollowedPool<H> {
  readonly name: string;
  readonly shared: Shared;
  readonly options: MemberOptions;
  readonly roster: Roster<H>;
  readonly leases: Leases<H>;
  /** Only with the option `discovery`. */
  readonly reconciler: Reconciler<H> | undefined;
  readonly health: Health = new Health();
  readonly waiters: ReadyWaiters = new ReadyWaiters(this);
  /** The counters of the connections that have left. */
  readonly removedTotals: CounterTotals = new CounterTotals();
  isClosed = false;
  /** Whether the last connection was closed by a failure that trying again cannot mend. */
  isRefused = false;
  added = 0;
  /** Why it is disconnected, if the application has said so. */
  reason: Error | undefined;
  /** How many connections have left, after all were told. */
  #gone = 0;
  readonly factory: HandlerFactory<H>;
  readonly #renewal: Renewal<H>;
  readonly #closed: Deferred = new Deferred();

  constructor(
    name: string,
    factory: HandlerFactory<H>,
    settings: PoolSettings,
    options: MemberOptions,
    shared: Shared,
  ) {
    this.name = name;
    this.shared = shared;
    this.options = options;
    this.roster = new Roster(settings.balancer);
    this.factory = factory;
    this.#renewal = new Renewal(this.roster);
    this.leases = new Leases(this, settings);
    const { discovery } = settings;
    this.reconciler = discovery && new Reconciler(this, discovery, settings, options);
  }

  /** All connections, including those that leave the pool. */
  get size(): number {
    return this.roster.members.size;
  }

  /** Whether a connection may become ready without the application adding one. */
  get hasProspects(): boolean {
    return this.roster.size > 0 || (this.reconciler?.canGrow === true && !this.isRefused);
  }

  get isWanting(): boolean {
    return this.leases.waiting > 0 || this.waiters.size > 0;
  }

  get cause(): Error | undefined {
    return this.health.cause;
  }

  /** Resolves when the pool is disconnected and all of its connections are closed. */
  get whenClosed(): Promise<void> {
    return this.#closed.promise;
  }

  get closedError(): Error | undefined {
    return this.isClosed ? poolClosed(this.name, this.reason) : undefined;
  }

  refuseClosed(): void {
    const { closedError } = this;
    if (closedError) throw closedError;
  }

  open(spec: MemberSpec): Connection<H> {
    this.refuseClosed();
    const { key, priority, options } = spec;
    // All connections to an endpoint share one object.
    const { endpoint } = this.roster.groups.get(key) ?? spec;
    const { factory } = this;
    const handler = factory(endpoint);
    // The factory may have disconnected the pool.
    this.refuseClosed();
    const member = new Member<H>(this, spec);
    const connection = createConnection(endpoint, handler, options, member);
    member.attach(connection, this.roster.groupOf(key, endpoint, priority));
    this.roster.add(member);
    this.added += 1;
    this.isRefused = false;
    telemetry.publishPoolAdd(this, connection);
    this.#publishState(member);
    member.internals.start();
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
        // The counters of a closed connection are in the totals already.
        if (member.connection.state === 'closed') this.removedTotals.count('handler-error');
        return;
      case 'reset':
        this.#lifeEnded(member, reset as Reset);
        break;
      case 'ready':
        this.#renewal.renewNext(member);
        break;
      case 'closed':
        this.#gone += 1;
        telemetry.publishPoolRemove(this, member.connection);
        this.#renewal.renewNext(member);
    }
    this.settle(member);
    if (event === 'closed') this.closeIfEmpty();
  }

  mayRetire(member: Member<H>): boolean {
    return this.#settleIf(member, this.#renewal.mayRetire(member));
  }

  retireIfOverdue(member: Member<H>): boolean {
    return this.#settleIf(member, this.#renewal.retireIfOverdue(member));
  }

  draining(member: Member<H>): void {
    this.roster.update(member);
    this.waiters.update();
    this.settle(member);
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
    if (this.isClosed) return;
    this.#publishState(member);
    this.reconciler?.drainSuperseded();
    this.leases.serve();
    this.leases.failWithoutProspects();
  }

  /** Nothing can be added or leased from now on. The caller closes the connections. */
  close(reason: Error | undefined): void {
    this.isClosed = true;
    this.reason = reason;
    const error = this.closedError as Error;
    this.waiters.fail(error, -1);
    this.reconciler?.stop(error);
  }

  closeIfEmpty(): void {
    if (!this.isClosed || this.#gone < this.added) return;
    this.#closed.resolve();
    telemetry.publishPoolClose(this);
  }

  /** While a connection is renewed, others are used. */
  #settleIf(member: Member<H>, isRenewed: boolean): boolean {
    if (isRenewed) this.settle(member);
    return isRenewed;
  }

  #lifeEnded(member: Member<H>, reset: Reset): void {
    this.leases.lifeEnded(member, reset);
    const isPlanned = reset.code === 'max-age' || reset.code === 'disconnect';
    if (!isPlanned) this.#failed(member, reset);
  }

  #failed(member: Member<H>, failure: Error | Reset | undefined): void {
    if (!failure) return;
    this.health.failed(failure);
    member.group.health.failed(failure);
  }

  #publishState({ group }: Member<H>): void {
    if (this.isClosed) return;
    const { size, ready } = this.roster;
    const before = this.health.update(size, ready);
    const groupBefore = group.health.update(group.size, group.ready);
    if (before) telemetry.publishPoolState(this, this.health, before);
    if (groupBefore && group.size > 0) {
      telemetry.publishEndpointState(this, group.health, groupBefore, group.endpoint);
    }
  }
}
