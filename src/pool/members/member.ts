import type { Candidate } from '../../balance/index.js';
import {
  internals,
  requestsOf,
  type Shared,
  type Connection,
  type ConnectionOwner,
  type ConnectionState,
  type Handler,
  type Internals,
  type OwnerEvent,
  type Reset,
  type ResolvedOptions,
} from '../../connection/index.js';
import { Deferred } from '../../primitives/deferred.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import { startDeadline, stopDeadline, type Deadline } from '../../primitives/deadline.js';
import type { DrainOptions } from './drain-options.js';
import type { EndpointGroup } from './group.js';

/** How to make a member. */
export interface MemberSpec {
  /** Equal for equal endpoints. */
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly priority: number;
  /** Whether discovery brings it, and may take it away. */
  readonly isDiscovered: boolean;
  readonly options: ResolvedOptions;
}

/** The pool of a member. `changing` and `changed` are those of `ConnectionOwner`. */
export interface MemberHost<H extends Handler> {
  readonly name: string;
  readonly shared: Shared;
  readonly isWanting: boolean;
  /** What makes the handlers of its connections. */
  readonly factory: object;
  changing(member: Member<H>, from: ConnectionState): void;
  changed(member: Member<H>, event: OwnerEvent, reset?: Reset): void;
  mayRetire(member: Member<H>): boolean;
  /** The member begins to drain: it is not used again. */
  draining(member: Member<H>): void;
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

/** A life that is over its `maxAge` and has to wait for its end, or a life that is about to end. */
type Retirement = 'overdue' | 'ending';

/** A connection of a pool. */
export class Member<H extends Handler = Handler> implements ConnectionOwner<H>, Candidate<Connection<H>> {
  connection!: Connection<H>;
  internals!: Internals<H>;
  group!: EndpointGroup<Member<H>>;
  /** The lease that holds it. Only `leases/` looks inside. */
  lease: object | undefined = undefined;
  index = -1;
  next: Candidate<Connection<H>> | undefined = undefined;
  previous: Candidate<Connection<H>> | undefined = undefined;
  /** Only the roster changes it. */
  status: MemberStatus = 'leaving';
  readonly isDiscovered: boolean;
  /** Whether `pick()` ever returned it: then users may remain whom nothing counts. */
  wasPicked = false;
  readonly #host: MemberHost<H>;
  #retirement: Retirement | undefined = undefined;
  #drain: Drain | undefined = undefined;
  #closed: Deferred | undefined = undefined;

  constructor(host: MemberHost<H>, { isDiscovered }: MemberSpec) {
    this.#host = host;
    this.isDiscovered = isDiscovered;
  }

  /** The member owns the connection, so it is made before it. */
  attach(connection: Connection<H>, group: EndpointGroup<Member<H>>): void {
    this.connection = connection;
    this.internals = internals(connection);
    this.group = group;
  }

  get retirement(): Retirement | undefined {
    return this.#retirement;
  }

  set retirement(retirement: Retirement | undefined) {
    if (this.#retirement === 'overdue') this.group.overdue -= 1;
    if (retirement === 'overdue') this.group.overdue += 1;
    this.#retirement = retirement;
  }

  /** Whether it drains: it leaves the pool when its last use is over. */
  get isLeaving(): boolean {
    return this.#drain !== undefined;
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

  get handlers(): object {
    return this.#host.factory;
  }

  get isLent(): boolean {
    return this.lease !== undefined;
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
    this.group.tier.picker.leasesChanged?.(this.group);
  }

  changing(_: Connection<H>, from: ConnectionState): void {
    this.#host.changing(this, from);
  }

  changed(_: Connection<H>, event: OwnerEvent, reset?: Reset): void {
    if (event === 'closed') stopDeadline(this.#drain?.timer);
    this.#host.changed(this, event, reset);
    if (event === 'reset' && this.isLeaving) this.#close();
    if (event === 'closed') this.#closed?.resolve();
  }

  mayRetire(): boolean {
    return this.#host.mayRetire(this);
  }

  /** Its lease is over. */
  released(): void {
    if (this.isLeaving && !this.#drain?.lingers) this.#close();
  }

  /**
   * Closes the connection: at once, or after its lease, but at the latest after `drain`. With `lingers`, it stays open for all
   * of `drain`. The times of a later call replace those of an earlier one.
   */
  leave({ drain = 0, grace, reason }: DrainOptions = {}, lingers: boolean = false): void {
    stopDeadline(this.#drain?.timer);
    const isNeeded = (this.lease !== undefined || lingers) && this.connection.state === 'ready';
    if (drain === 0 || !isNeeded) {
      if (this.#drain) this.#drain.grace = grace;
      this.internals.close('disconnect', reason, grace);
      return;
    }
    const timer = startDeadline(drain, true, () => this.#close());
    this.#drain = { grace, reason, lingers, timer };
    this.#host.draining(this);
  }

  #close(): void {
    this.internals.close('disconnect', this.#drain?.reason, this.#drain?.grace);
  }
}

/** How a member drains. */
interface Drain {
  grace: number | undefined;
  readonly reason: Error | undefined;
  readonly lingers: boolean;
  readonly timer: Deadline;
}
