import type { Candidate } from '../../balance/index.js';
import type {
  Commons,
  Connection,
  ConnectionOwner,
  ConnectionState,
  Handler,
  OwnerEvent,
  Reset,
} from '../../connection/index.js';
import { startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import type { DrainOptions } from './drain-options.js';
import type { EndpointGroup } from './group.js';

/** Who a member belongs to, and what it is told. */
export interface MemberHost<H extends Handler> {
  readonly name: string;
  readonly commons: Commons;
  /** Whether somebody waits for a connection to be ready. */
  readonly isWanting: boolean;
  /** As `ConnectionOwner` has them. */
  changing(member: Member<H>, from: ConnectionState): void;
  changed(member: Member<H>, event: OwnerEvent, reset?: Reset): void;
  mayRetire(member: Member<H>): boolean;
  /** The member is not to be used any more. */
  leaving(member: Member<H>): void;
}

/**
 * What a connection is to its pool:
 * - `leaving`: it is not to be used any more.
 * - `unavailable`: its link is down, or about to go.
 * - `leased`: it is ready, and somebody has it.
 * - `free`: it is ready, and in the rotation.
 */
export type MemberStatus = 'leaving' | 'unavailable' | 'leased' | 'free';

export function isReady(status: MemberStatus): boolean {
  return status === 'leased' || status === 'free';
}

/** What is known of the end of a life: it is over its `maxAge`, but may not be ended yet, or it is about to end. */
type Retirement = 'overdue' | 'ending';

/** Whoever has a connection for exclusive use. */
interface Borrower {
  /** The life has ended in which it was lent. */
  lifeEnded(reset: Reset): void;
}

/** A connection of a pool. */
export class Member<H extends Handler = Handler> implements ConnectionOwner<H>, Candidate<Connection<H>> {
  connection!: Connection<H>;
  group!: EndpointGroup<Member<H>>;
  /** Who has it, if anybody. */
  lease: Borrower | undefined = undefined;
  index = -1;
  next: Candidate<Connection<H>> | undefined = undefined;
  previous: Candidate<Connection<H>> | undefined = undefined;
  /** What it counts as. Only the roster changes it. */
  status: MemberStatus = 'leaving';
  #retirement: Retirement | undefined = undefined;
  /** Whether discovery has brought it, and can take it away. */
  isDiscovered = false;
  /** Whether it was ever picked for shared use. */
  wasPicked = false;
  readonly #host: MemberHost<H>;
  #drain: Drain | undefined = undefined;

  constructor(host: MemberHost<H>) {
    this.#host = host;
  }

  /** As the connection's. */
  get id(): number {
    return this.connection.id;
  }

  /** What is known of the end of its life. */
  get retirement(): Retirement | undefined {
    return this.#retirement;
  }

  set retirement(retirement: Retirement | undefined) {
    if (this.#retirement === 'overdue') this.group.overdue -= 1;
    if (retirement === 'overdue') this.group.overdue += 1;
    this.#retirement = retirement;
  }

  /** Whether it leaves the pool once it is not needed any more. */
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

  get commons(): Commons {
    return this.#host.commons;
  }

  get isWanting(): boolean {
    return this.#host.isWanting;
  }

  changing(_: Connection<H>, from: ConnectionState): void {
    this.#host.changing(this, from);
  }

  changed(_: Connection<H>, event: OwnerEvent, reset?: Reset): void {
    if (event === 'closed') stopTimer(this.#drain?.timer);
    if (reset) this.lease?.lifeEnded(reset);
    this.#host.changed(this, event, reset);
    if (event === 'reset' && this.isLeaving) this.#end();
  }

  mayRetire(): boolean {
    return this.#host.mayRetire(this);
  }

  /** Its lease is over. */
  released(): void {
    if (this.isLeaving && !this.#drain?.lingers) this.#end();
  }

  /**
   * Ends it: at once, or after its lease, or, if it `lingers`, when the time to drain is over. A later call replaces the
   * times of an earlier one.
   */
  leave({ drain = 0, grace }: DrainOptions = {}, lingers: boolean = false): void {
    stopTimer(this.#drain?.timer);
    const isNeeded = (this.lease !== undefined || lingers) && this.connection.state === 'ready';
    if (drain === 0 || !isNeeded) {
      if (this.#drain) this.#drain.grace = grace;
      this.connection.leave(grace);
      return;
    }
    this.#drain ??= new Drain();
    this.#drain.grace = grace;
    this.#drain.lingers = lingers;
    this.#drain.timer = startTimer(drain, true, () => this.#end());
    this.#host.leaving(this);
  }

  #end(): void {
    this.connection.leave(this.#drain?.grace);
  }
}

/** How a member is being drained. */
class Drain {
  grace: number | undefined;
  lingers = false;
  timer: Timer | undefined;
}
