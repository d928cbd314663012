import type { Candidate } from '../../balance/index.js';
import {
  internals,
  leaseOver,
  requestsOf,
  type CounterTotals,
  type Shared,
  type Connection,
  type ConnectionOwner,
  type ConnectionState,
  type Handler,
  type Internals,
  type OwnerEvent,
  type Reset,
  type ResolvedOptions,
  type RetireCode,
} from '../../connection/index.js';
import { Deferred } from '../../primitives/deferred.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import type { DrainOptions } from './drain-options.js';
import type { EndpointGroup, Rank } from './group.js';

/** How to make a member. */
export interface MemberSpec {
  /** Equal for equal endpoints. */
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly rank: Partial<Rank>;
  /** Whether discovery brings it, and may take it away. */
  readonly isDiscovered: boolean;
  readonly options: ResolvedOptions;
  /** Whether it dials later, by `start()`. */
  readonly dialsLater?: boolean;
  /** The member whose place it takes. */
  readonly instead?: Member<never> | Member;
}

/** The pool of a member. `changing` and `changed` are those of `ConnectionOwner`. */
export interface MemberHost<H extends Handler> {
  readonly name: string;
  readonly shared: Shared;
  readonly isWanting: boolean;
  /** What makes the handlers of its connections. */
  readonly factory: object;
  /** What lends its connections, and what it makes of what happens to them. */
  readonly leases: {
    readonly events: {
      holds(member: Member<H>): boolean;
      writeRefused(member: Member<H>): void;
      pinging(member: Member<H>): boolean;
      closed(member: Member<H>): void;
    };
  };
  changing(member: Member<H>, from: ConnectionState): void;
  changed(member: Member<H>, event: OwnerEvent, reset?: Reset): void;
  /** How long a life may take to retire, in milliseconds. */
  readonly drain: number;
  /** How many lives wait for their turn to retire. */
  overdue: number;
  /** Whether the life of a member retires now: for its age, or because it was asked to. */
  mayRetire(member: Member<H>, code: RetireCode): boolean;
  /** The member leaves once nothing is under way: it is not used again. */
  leaving(member: Member<H>): void;
}

/**
 * What a connection is to its pool:
 * - `leaving`: it is not used again.
 * - `unavailable`: its link is down, or about to close.
 * - `leased`: it is ready, and a lease holds it.
 * - `free`: it is ready, and in the rotation.
 */
export type MemberStatus = 'leaving' | 'unavailable' | 'leased' | 'free';

export function isReady(status: MemberStatus): boolean {
  return status === 'leased' || status === 'free';
}

/**
 * - `overdue`: the life is over its `maxAge`, and waits for its turn to retire.
 * - `asked`: it was asked to retire, and waits for its turn.
 * - `ending`: it retires, or is about to end.
 */
type RetirementStage = 'overdue' | 'asked' | 'ending';

/** A connection of a pool. */
export class Member<H extends Handler = Handler> implements ConnectionOwner<H>, Candidate<Connection<H>> {
  internals!: Internals<H>;
  group!: EndpointGroup<Member<H>>;
  /** The lease that holds it. Only `leases/` looks inside. */
  lease: object | undefined = undefined;
  /** What went over its socket before its last lease ended. Only `leases/` looks inside. */
  traffic: object | undefined = undefined;
  index = -1;
  next: Candidate<Connection<H>> | undefined = undefined;
  previous: Candidate<Connection<H>> | undefined = undefined;
  /** Only the roster changes it. */
  status: MemberStatus = 'leaving';
  readonly isDiscovered: boolean;
  /** Whether `pick()` ever returned it: then users may remain that nothing counts. */
  wasPicked = false;
  readonly #host: MemberHost<H>;
  #retirement: RetirementStage | undefined = undefined;
  #isLeaving = false;
  #closed: Deferred | undefined = undefined;

  constructor(host: MemberHost<H>, { isDiscovered }: MemberSpec) {
    this.#host = host;
    this.isDiscovered = isDiscovered;
  }

  /** The member owns the connection, so it is made before it. */
  attach(connection: Connection<H>, group: EndpointGroup<Member<H>>): void {
    this.internals = internals(connection);
    this.group = group;
  }

  get connection(): Connection<H> {
    return this.internals.face;
  }

  get retirement(): RetirementStage | undefined {
    return this.#retirement;
  }

  set retirement(retirement: RetirementStage | undefined) {
    this.#host.overdue += Number(isWaiting(retirement)) - Number(isWaiting(this.#retirement));
    this.#retirement = retirement;
  }

  /** Whether its life waits for its turn to retire. */
  get isOverdue(): boolean {
    return isWaiting(this.#retirement);
  }

  /** Whether it leaves the pool when nothing is under way any more. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  get drain(): number {
    return this.#host.drain;
  }

  get isReady(): boolean {
    return isReady(this.status);
  }

  get host(): MemberHost<H> {
    return this.#host;
  }

  get pool(): string {
    return this.#host.name;
  }

  get shared(): Shared {
    return this.#host.shared;
  }

  totalsFor(): CounterTotals {
    return this.group.totals;
  }

  get handlers(): object {
    return this.#host.factory;
  }

  get isLent(): boolean {
    return this.lease !== undefined;
  }

  get holdsDial(): boolean {
    return this.#host.leases.events.holds(this);
  }

  pinging(): boolean {
    return this.#host.leases.events.pinging(this);
  }

  get isWanting(): boolean {
    return this.#host.isWanting;
  }

  /** Resolves when the connection is closed and has left the pool. To be asked for before that. */
  get whenClosed(): Promise<void> {
    this.#closed ??= new Deferred();
    return this.#closed.promise;
  }

  /** How many of its requests wait for an answer. */
  get pending(): number {
    return requestsOf(this.internals)?.pending() ?? 0;
  }

  requestsChanged(change: number): void {
    this.group.pending += change;
    this.group.picker.loadChanged?.(this.group);
  }

  changing(_: Connection<H>, from: ConnectionState): void {
    this.#host.changing(this, from);
  }

  changed(_: Connection<H>, event: OwnerEvent, reset?: Reset): void {
    if (event === 'write-refused') this.#host.leases.events.writeRefused(this);
    this.#host.changed(this, event, reset);
    if (event !== 'closed') return;
    this.#host.leases.events.closed(this);
    this.#closed?.resolve();
  }

  mayRetire(_: Connection<H>, code: RetireCode): boolean {
    if (code !== 'disconnect') return this.#host.mayRetire(this, code);
    if (!this.#isLeaving) {
      this.#isLeaving = true;
      this.#host.leaving(this);
    }
    return true;
  }

  /** Its lease is over, and its life may have to wait for that. */
  released(): void {
    leaseOver(this.internals);
  }

  /**
   * Closes the connection: at once, or once nothing is under way, but at the latest after `drain`. The times of a later call
   * replace those of an earlier one.
   */
  leave(options: DrainOptions = {}): void {
    this.internals.leave(options);
  }
}

function isWaiting(retirement: RetirementStage | undefined): boolean {
  return retirement === 'overdue' || retirement === 'asked';
}
