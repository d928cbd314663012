import type { EndedBy } from './decision.js';
import { hasAllies, type DialRequester } from './dial-requester.js';
import type { Urgency } from './dial-queue.js';
import type { EndedLife } from './line.js';
import { OwnerLine, type OwnerLineHost } from './owner-line.js';
import { now } from '../primitives/time.js';
import { OptionsLines } from './options-lines.js';
import { sameOptions } from './same-options.js';
import type { DrawnWait } from './shared-backoff.js';

/** A life that has ended. */
export interface OwnersLife {
  readonly uptime: number;
  readonly endedBy: EndedBy;
  /** Whether its handshake was done. */
  readonly wasReady: boolean;
  readonly isRefused: boolean;
}

/**
 * What is true at a gate of one owner alone: its handshakes are refused, it ends its lives early, or its options do not work.
 * A pool has a line while it dials or lives here. Others have one only while they are in trouble.
 */
export class Owners {
  readonly #host: OwnerLineHost;
  #lines: Map<object, OwnerLine> | undefined;
  readonly options: OptionsLines;

  constructor(host: OwnerLineHost) {
    this.#host = host;
    this.options = new OptionsLines(host);
  }

  /** The line that a requester has to wait for, if there is one. */
  shutFor(requester: DialRequester, urgency: Urgency): OwnerLine | undefined {
    const own = this.#lines?.get(requester.owner);
    if (own?.isShut(urgency)) return own;
    return this.options.shutFor(requester, urgency);
  }

  /** Until when a requester waits for a line of its own, if it is known. */
  dueOf(requester: DialRequester): number {
    const own = this.#lines?.get(requester.owner)?.line.admission.due ?? -Infinity;
    return Math.max(own, this.options.dueOf(requester));
  }

  /** Whether its owner has failed here in a way of its own, and not succeeded since. */
  isInTrouble(requester: DialRequester): boolean {
    const own = this.#lines?.get(requester.owner);
    return own !== undefined && own.line.admission.health !== 'good';
  }

  /** Whether a handshake of its owner is known to go well. */
  isProven(requester: DialRequester): boolean {
    return this.#lines?.get(requester.owner)?.line.admission.window === Infinity;
  }

  /** How many handshakes of its owner were refused in a row. */
  refusedInRow(requester: DialRequester): number {
    return this.#lines?.get(requester.owner)?.refused ?? 0;
  }

  /** A dial begins. */
  began(requester: DialRequester, urgency: Urgency): void {
    const own = hasAllies(requester) ? this.#claim(requester) : this.#lines?.get(requester.owner);
    own?.line.admission.dialBegan(urgency);
    this.options.began(requester, urgency);
  }

  /** Its dial was called off, or its failure says nothing of the owner. */
  dialAbandoned(requester: DialRequester): void {
    this.#abandonOwn(requester);
    this.options.abandoned(requester);
  }

  /** A dial has failed by its options. Returns how long the wait is that follows, if one does. */
  optionsFailed(requester: DialRequester, drawn: DrawnWait): number | undefined {
    this.#abandonOwn(requester);
    return this.options.failed(requester, drawn);
  }

  /** The waiting requesters whose dials would fail by the same options. */
  like(requester: DialRequester): DialRequester[] {
    const { options } = requester;
    return this.#host.queue.toArray().filter((other) => sameOptions(other.options, options));
  }

  /** The waiting requesters of the same owner. */
  allies(requester: DialRequester): DialRequester[] {
    if (!hasAllies(requester)) return [];
    return this.#host.queue.toArray().filter(({ owner }) => owner === requester.owner);
  }

  /** A handshake is done. */
  handshakeDone(requester: DialRequester): void {
    const own = this.#lines?.get(requester.owner);
    if (!own) return;
    own.refused = 0;
    own.line.dialSucceeded(requester);
    this.#settle(requester, own);
  }

  /** A handshake will not be done, and says nothing of the owner. */
  handshakeAbandoned(requester: DialRequester): void {
    this.#abandonOwn(requester);
  }

  askLifeEnded(requester: DialRequester, life: OwnersLife): DrawnWait {
    const waiters = (): readonly DialRequester[] => [requester, ...this.allies(requester)];
    const { line } = this.#lines?.get(requester.owner) ?? this.#replay(requester, life);
    if (!life.wasReady) return line.askDialFailed(requester, waiters);
    return line.askLifeEnded(requester, this.#endOf(requester, life), waiters);
  }

  /** A life has ended. Returns how long the wait is that follows, if one does. */
  lifeEnded(requester: DialRequester, life: OwnersLife, drawn: DrawnWait): number | undefined {
    const isOwn = life.endedBy === 'owner';
    const own = isOwn ? this.#claim(requester, life) : this.#lines?.get(requester.owner);
    if (!own) return undefined;
    if (life.isRefused) own.refused += 1;
    let delay: number | undefined;
    if (life.wasReady) ({ delay } = own.line.lifeEnded(requester, this.#endOf(requester, life), drawn));
    else if (isOwn) delay = own.line.dialFailed(requester, drawn);
    else own.line.admission.dialAbandoned();
    this.#settle(requester, own);
    return delay;
  }

  /** A handshake has gone well elsewhere: earlier refusals here do not count any more. */
  forgive(requester: DialRequester): void {
    const own = this.#lines?.get(requester.owner);
    if (own) own.refused = 0;
  }

  /** It is not in the queue any more. */
  left(requester: DialRequester): void {
    this.#lines?.get(requester.owner)?.leave(requester);
    this.options.left(requester);
  }

  /** The requester is closed: what is known of it alone is forgotten. */
  forget(requester: DialRequester): void {
    if (!hasAllies(requester)) {
      this.#lines?.get(requester)?.end();
      this.#lines?.delete(requester);
    }
    this.options.forget(requester);
  }

  /**
   * Whether a line remembers something: that the handshakes of a pool with several lives, or with others that wait, are not
   * refused. For one life alone it would take more memory than it is worth.
   */
  #isNeeded({ owner }: DialRequester, own: OwnerLine, lives: number): boolean {
    return lives > 1 || (lives === 1 && (own.isAwaited || this.#host.queue.hasAnyOf(owner)));
  }

  #endOf(requester: DialRequester, { uptime, endedBy }: OwnersLife): EndedLife {
    return { uptime, counts: endedBy === 'owner', othersWait: this.#othersWait(requester) };
  }

  /** Looks at no requester, as many may wait, and this is asked at the end of each life. */
  #othersWait({ owner }: DialRequester): boolean {
    return this.#host.queue.hasAnyOf(owner) || this.#lines?.get(owner)?.isAwaited === true;
  }

  #claim(requester: DialRequester, life?: OwnersLife): OwnerLine {
    this.#lines ??= new Map();
    let own = this.#lines.get(requester.owner);
    if (!own) {
      own = life ? this.#replay(requester, life) : new OwnerLine(this.#host);
      this.#lines.set(requester.owner, own);
    }
    return own;
  }

  /** A line that knows how the life of a requester began, and not more. */
  #replay(requester: DialRequester, { uptime, wasReady }: OwnersLife): OwnerLine {
    const own = new OwnerLine(this.#host);
    own.line.admission.dialBegan('normal');
    if (wasReady) own.line.dialSucceeded(requester, now() - uptime);
    return own;
  }

  #abandonOwn(requester: DialRequester): void {
    const own = this.#lines?.get(requester.owner);
    if (!own) return;
    own.line.admission.dialAbandoned();
    this.#settle(requester, own);
  }

  /** Something has happened to that line: forgets it if it does not matter any more. */
  #settle(requester: DialRequester, own: OwnerLine): void {
    const { isQuiet, admission } = own.line;
    if (isQuiet && !this.#isNeeded(requester, own, admission.lives)) {
      this.#lines?.delete(requester.owner);
      own.end();
    } else {
      own.settle();
    }
  }
}
