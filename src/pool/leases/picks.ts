import type { Connection, Handler } from '../../connection/index.js';
import { abortReason } from '../../primitives/abort-listeners.js';
import type { TurnBudget } from '../../primitives/turn-budget.js';
import type { Member } from '../members/member.js';
import type { AcquireOptions } from './acquire-options.js';
import type { Checkout } from './checkout.js';
import { readPick, readPickReady, type PickOptions, type PickReadyOptions } from './pick-options.js';

interface PicksHost {
  readonly isClosed: boolean;
  /** How many calls may be answered in this turn of the event loop. */
  readonly waiters: { readonly atOnce: TurnBudget };
}

/** The leases of the same pool, with the queue that picks share. */
interface PicksQueue<H extends Handler> {
  /** How many callers wait. */
  readonly waiting: number;
  nothingReady(): Error;
  refuse(error: unknown): Promise<never>;
  wait(request: AcquireOptions, pick: PickOptions): Promise<Connection<H>>;
}

/** Shared use of the free connections of a pool. */
export class Picks<H extends Handler> {
  readonly #host: PicksHost;
  readonly #checkout: Checkout<H>;
  readonly #queue: PicksQueue<H>;

  constructor(host: PicksHost, checkout: Checkout<H>, queue: PicksQueue<H>) {
    this.#host = host;
    this.#checkout = checkout;
    this.#queue = queue;
  }

  pick(options?: PickOptions): Connection<H> {
    const key = options === undefined ? undefined : readPick(options).key;
    const member = this.#host.isClosed ? undefined : this.#checkout.next(key);
    if (!member) throw this.#queue.nothingReady();
    return shared(member);
  }

  pickReady(options?: PickReadyOptions): Promise<Connection<H>> {
    const request = readPickReady(options);
    const { atOnce } = this.#host.waiters;
    return atOnce.take() ? this.#ask(request) : atOnce.nextTurn().then(() => this.#ask(request));
  }

  #ask({ key, ...request }: PickReadyOptions): Promise<Connection<H>> {
    const queue = this.#queue;
    const { signal } = request;
    if (this.#host.isClosed) return queue.refuse(queue.nothingReady());
    if (signal?.aborted) return queue.refuse(abortReason(signal));
    try {
      const member = queue.waiting === 0 ? this.#checkout.next(key) : undefined;
      if (member) return Promise.resolve(shared(member));
    } catch (error) {
      return queue.refuse(error);
    }
    return queue.wait(request, { key });
  }
}

/** A connection as `pick()` returns it. */
export function shared<H extends Handler>(member: Member<H>): Connection<H> {
  member.wasPicked = true;
  return member.connection;
}
