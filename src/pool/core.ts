import {
  Connection,
  type Commons,
  type ConnectionState,
  type Handler,
  type OwnerEvent,
  type ResolvedOptions,
  type Reset,
} from '../connection/index.js';
import { Deferred } from '../primitives/deferred.js';
import type { Endpoint } from '../primitives/endpoint.js';
import { ClosedError } from '../primitives/errors.js';
import { Waiters } from '../primitives/waiters.js';
import {
  publishEndpointState,
  publishPoolAdd,
  publishPoolClose,
  publishPoolRemove,
  publishPoolState,
} from '../telemetry/index.js';
import { Health } from './members/health.js';
import { Leases, type LeasesHost } from './leases/leases.js';
import { Member, type MemberHost } from './members/member.js';
import type { PoolSettings } from './options.js';
import { Renewal } from './members/renewal.js';
import { Roster } from './members/roster.js';
import { Departed } from './stats.js';

/** How a connection of a pool is made. */
export interface Opening<H extends Handler> {
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly priority: number;
  readonly isDiscovered: boolean;
  readonly options: ResolvedOptions;
  readonly factory: (endpoint: Endpoint) => H;
}

/** What a pool may get without the program's doing. */
export interface Growth {
  readonly canGrow: boolean;
  drainSuperseded(): void;
}

/** The connections of a pool, what becomes of them, and who uses them. */
export class PoolCore<H extends Handler> implements MemberHost<H>, LeasesHost<H> {
  readonly name: string;
  readonly commons: Commons;
  readonly roster: Roster<H>;
  readonly leases: Leases<H>;
  readonly health: Health = new Health();
  /** Those who wait for a number of connections to be ready. */
  readonly waiters: Waiters = new Waiters();
  readonly departed: Departed = new Departed();
  growth: Growth | undefined;
  isClosed = false;
  added = 0;
  /** How many connections have left, and everybody has been told. */
  #gone = 0;
  readonly #renewal: Renewal<H>;
  readonly #closed: Deferred = new Deferred();

  constructor(name: string, settings: PoolSettings, commons: Commons) {
    this.name = name;
    this.commons = commons;
    this.roster = new Roster(settings.balancer);
    this.#renewal = new Renewal(this.roster);
    this.leases = new Leases(this, settings);
  }

  /** As an index counts: also those that are about to leave. */
  get size(): number {
    return this.roster.members.size;
  }

  get hasProspects(): boolean {
    return this.roster.size > 0 || this.growth?.canGrow === true;
  }

  get isWanting(): boolean {
    return this.leases.waiting > 0 || this.waiters.size > 0;
  }

  get cause(): Error | undefined {
    return this.health.cause;
  }

  /** Resolves when it is disconnected, and all of its connections are closed. */
  get whenClosed(): Promise<void> {
    return this.#closed.promise;
  }

  get closedError(): ClosedError | undefined {
    if (!this.isClosed) return undefined;
    return new ClosedError(`pool ${this.name} is disconnected`, { pool: this.name });
  }

  open(opening: Opening<H>): Connection<H> {
    this.refuseClosed();
    const { key, priority, isDiscovered, options, factory } = opening;
    // One object for all connections to it.
    const { endpoint } = this.roster.groups.get(key) ?? opening;
    const handler = factory(endpoint);
    // The factory may have disconnected the pool.
    this.refuseClosed();
    const member = new Member<H>(this);
    const connection = new Connection(endpoint, handler, options, member);
    member.connection = connection;
    member.isDiscovered = isDiscovered;
    member.group = this.roster.groupOf(key, endpoint, priority);
    this.roster.add(member);
    this.added += 1;
    publishPoolAdd(this, connection);
    this.#report(member);
    connection.start();
    return connection;
  }

  /** Resolves once all connections are ready; discovery may take some of them away meanwhile. */
  allReady(signal: AbortSignal | undefined): Promise<void> {
    const { growth, leases, roster, waiters } = this;
    if (growth && !this.hasProspects) return Promise.reject(leases.nothingReady());
    let wanted = roster.size;
    const current = (): number => {
      if (growth?.canGrow) wanted = Math.max(1, Math.min(wanted, roster.size));
      return wanted;
    };
    return waiters.wait(current, signal);
  }

  refuseClosed(): void {
    const { closedError } = this;
    if (closedError) throw closedError;
  }

  /** The member of a connection, unless it is of another pool, or has left. */
  memberOf(connection: unknown): Member<H> | undefined {
    if (!(connection instanceof Connection) || !(connection.owner instanceof Member)) return undefined;
    const member = connection.owner as Member<H>;
    return member.host === this && connection.state !== 'closed' ? member : undefined;
  }

  changing(member: Member<H>, from: ConnectionState): void {
    const { connection } = member;
    const { state } = connection;
    if (from === 'ready') member.retirement = undefined;
    if (from === 'connecting' && (state === 'waiting' || state === 'closed')) {
      this.#failed(member, connection.lastDialError);
    }
    this.roster.update(member);
    this.waiters.reached(this.roster.ready);
    if (state === 'closed') this.#left(member);
  }

  changed(member: Member<H>, event: OwnerEvent, reset?: Reset): void {
    if (event === 'handler-error') {
      if (member.connection.state === 'closed') this.departed.countLateError();
      return;
    }
    if (reset && !isPlanned(reset)) this.#failed(member, reset);
    if (event === 'closed') {
      this.#gone += 1;
      publishPoolRemove(this, member.connection);
    }
    if (event === 'ready' || event === 'closed') this.#renewal.proceed(member);
    this.settle(member);
    if (event === 'closed') this.closeIfEmpty();
  }

  mayRetire(member: Member<H>): boolean {
    return this.#settleIf(member, this.#renewal.mayRetire(member));
  }

  retires(member: Member<H>): boolean {
    return this.#settleIf(member, this.#renewal.retires(member));
  }

  /** Discovery brings nothing any more. */
  discoveryEnded(): void {
    if (this.hasProspects) return;
    this.leases.failWithoutProspects();
    this.waiters.fail(this.leases.nothingReady());
  }

  /** Discovery has no answer. */
  discoveryFailed(error: unknown): void {
    if (error instanceof Error && this.size === 0) this.health.failed(error);
  }

  leaving(member: Member<H>): void {
    this.roster.update(member);
    this.waiters.reached(this.roster.ready);
    this.settle(member);
  }

  /** Which connections can be used has changed: everybody who has to know is told. No change is under way any more. */
  settle(member: Member<H>): void {
    if (this.isClosed) return;
    this.#report(member);
    this.growth?.drainSuperseded();
    this.leases.serve();
    this.leases.failWithoutProspects();
  }

  closeIfEmpty(): void {
    if (!this.isClosed || this.#gone < this.added) return;
    this.#closed.resolve();
    publishPoolClose(this);
  }

  /** It is about to be renewed: until it is ready again, others are used. */
  #settleIf(member: Member<H>, isRenewed: boolean): boolean {
    if (isRenewed) this.settle(member);
    return isRenewed;
  }

  #failed(member: Member<H>, failure: Error | Reset | undefined): void {
    if (!failure) return;
    this.health.failed(failure);
    member.group.health.failed(failure);
  }

  #left(member: Member<H>): void {
    this.roster.remove(member);
    this.departed.add(member.connection);
    if (this.growth?.canGrow || this.waiters.size === 0) return;
    const message = `pool ${this.name} has only ${this.roster.size} connections left: one is closed`;
    const { cause } = this.health;
    const error = new ClosedError(message, { pool: this.name, ...(cause && { cause }) });
    this.waiters.fail(error, this.roster.size);
  }

  #report({ group }: Member<H>): void {
    if (this.isClosed) return;
    const { size, ready } = this.roster;
    const before = this.health.update(size, ready);
    const groupBefore = group.health.update(group.size, group.ready);
    if (before) publishPoolState(this, this.health, before);
    if (groupBefore && group.size > 0) {
      publishEndpointState(this, group.health, groupBefore, group.endpoint);
    }
  }
}

function isPlanned({ code }: Reset): boolean {
  return code === 'max-age' || code === 'disconnect';
}
