import { afterPoll } from '../../primitives/deadline.js';
import { Deferred } from '../../primitives/deferred.js';
import { publishRetire, traceRetire, type ConnectionSource } from '../../telemetry/index.js';
import { requestsOf } from './attached-requests.js';
import { askToRetire, type HandlerOwner } from '../handler/call-handler.js';
import type { Connection, ManagedSocket } from '../handler/connection.js';
import type { ConnectionState } from '../life-cycle.js';
import type { Life } from './life.js';
import type { Owner, OwnerEvent } from '../owner.js';
import type { Link } from '../socket/link.js';
import type { CloseCode, RetireCode } from '../stats/counters.js';

/** How long a life may take to retire, in milliseconds, where no pool says otherwise. */
const defaultDrain = 10_000;

/** The connection whose lives retire. */
export interface RetiringHost extends HandlerOwner, ConnectionSource {
  readonly state: ConnectionState;
  readonly socket: ManagedSocket;
  readonly link: Link;
  readonly presentLife: Life | undefined;
  readonly owner: Owner<Connection>;
  setDeadline(delay: number, act: () => void): void;
  close(code: CloseCode, error: unknown, grace: number | undefined): void;
  tell(event: OwnerEvent): void;
}

/**
 * The planned end of a life. It may have to wait for its turn; then it retires: no new work comes, `onRetire` is called, and the
 * life ends as soon as nothing is under way, at the latest after `drain`. State and heartbeat stay as they are until then.
 */
export class Retirement {
  stage: 'asked' | 'retiring' | 'ended' = 'asked';
  /** `disconnect`: the connection closes, instead of dialling again. */
  code: RetireCode = 'retired';
  reason: Error | undefined = undefined;
  grace: number | undefined = undefined;
  /** Whether users may remain that nothing counts. */
  lingers = false;
  readonly #host: RetiringHost;
  readonly #life: Life;
  /** Whether the promise of `onRetire` is awaited. */
  #isAsking = false;
  #over: Deferred | undefined = undefined;

  constructor(host: RetiringHost) {
    this.#host = host;
    this.#life = host.presentLife as Life;
  }

  /** Resolves when the life is over. */
  get whenOver(): Promise<void> {
    this.#over ??= new Deferred();
    return this.#over.promise;
  }

  /** Whether the life can still retire: it is ready, and not about to end in another way. */
  get #isPossible(): boolean {
    return this.#host.presentLife === this.#life && canRetire(this.#host);
  }

  /** A life is to be renewed. The first reason holds, but an old life may be told to retire at once. */
  ask(code: RetireCode, reason?: Error): void {
    const isNew = this.stage === 'asked' && (this.code === 'max-age' || this.reason === undefined);
    if (!isNew) return;
    this.code = code;
    this.reason = reason;
    const { owner, face } = this.#host;
    if (owner.mayRetire?.(face, code) ?? true) this.beginInTurn();
  }

  beginInTurn(): void {
    const { drain = defaultDrain, wasPicked = false } = this.#host.owner;
    this.begin(drain, wasPicked);
  }

  begin(drain: number, lingers: boolean): void {
    if (!this.#isPossible) return;
    const host = this.#host;
    const isFirst = this.stage === 'asked';
    const { handler } = host;
    const isKnown = handler.onRetire !== undefined || requestsOf(host) !== undefined;
    this.stage = 'retiring';
    this.lingers = lingers && !isKnown && drain > 0;
    host.setDeadline(drain, () => this.#end());
    if (isFirst) {
      this.#isAsking = handler.onRetire !== undefined;
      traceRetire(host, this.code);
      publishRetire(host, this.code, this.reason);
    }
    host.tell('retiring');
    if (!isFirst) this.look();
    else if (this.#isAsking) process.nextTick(() => this.#askHandler());
    // What was answered in this turn may lead to the next request.
    else if (isKnown) afterPoll(() => this.look());
    else this.look();
  }

  /** Whether the life still goes on. A peer that has ended its side does not end it: the application may keep it half open. */
  get #goesOn(): boolean {
    const { presentLife, socket, state } = this.#host;
    return presentLife === this.#life && state === 'ready' && !socket.destroyed;
  }

  /** Something may be over: ends the life, if nothing is under way any more. */
  look(): void {
    const host = this.#host;
    if (this.stage !== 'retiring' || !this.#goesOn) return;
    if (this.#isAsking || this.lingers || host.owner.isLent) return;
    const requests = requestsOf(host);
    if (!requests || requests.pending() === 0) this.#end();
    else void requests.idle().then(() => afterPoll(() => this.look()));
  }

  /** The life is over, in whatever way. */
  isOver(): void {
    this.#over?.resolve();
  }

  #askHandler(): void {
    // The life may have ended meanwhile: then `onReset` tells of it.
    if (!this.#isPossible) return;
    askToRetire(this.#host, this.reason, () => {
      this.#isAsking = false;
      if (requestsOf(this.#host)) afterPoll(() => this.look());
      else this.look();
    });
  }

  #end(): void {
    if (!this.#goesOn) return;
    const { code, reason, grace } = this;
    this.stage = 'ended';
    if (code === 'disconnect') this.#host.close(code, reason, grace);
    else this.#life.retire({ code, error: reason });
  }
}

/** Whether the present life can still retire: it is ready, and whole. */
export function canRetire({ state, socket, link }: RetiringHost): boolean {
  return state === 'ready' && !socket.destroyed && !link.isHalfClosed;
}
