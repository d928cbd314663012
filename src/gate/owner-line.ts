import { now } from '../primitives/time.js';
import { Admission } from './admission.js';
import { DialLimit } from './dial-limit.js';
import type { DialQueue, Urgency } from './dial-queue.js';
import type { DialRequester } from './dial-requester.js';
import { GateTimer } from './gate-timer.js';
import { Line } from './line.js';
import { OneThenAll } from './window.js';

/** An owner's line begins no dial itself, so that no limit concerns its timer. */
const noLimit = new DialLimit();

/** What a line of an owner needs of its gate. */
export interface OwnerLineHost {
  readonly queue: DialQueue;
  /** Whether dials to the endpoint fail, or its lives are lost. */
  readonly isInTrouble: boolean;
  /** Some that were parked may have a turn. */
  plan(): void;
}

/**
 * A line for requesters that fail for a reason of their own: those of one owner, or with equal options. One dial goes alone until
 * its handshake is done; after a failure it waits for the owner's backoff. Meanwhile the others of the line are parked, and other
 * owners have their turns.
 */
export class OwnerLine {
  readonly line: Line = new Line(new Admission(new OneThenAll()));
  /** How many handshakes in a row were refused. */
  refused = 0;
  readonly #host: OwnerLineHost;
  #parked: Set<DialRequester> | undefined;
  #timer: GateTimer | undefined;

  constructor(host: OwnerLineHost) {
    this.#host = host;
  }

  /** Whether some wait for it. */
  get isAwaited(): boolean {
    return this.#parked !== undefined && this.#parked.size > 0;
  }

  /** Whether a requester of that urgency has to wait. */
  isShut(urgency: Urgency): boolean {
    return this.line.admission.opensAt(urgency) > now();
  }

  /** Keeps a requester from its turn until this line opens. */
  park(requester: DialRequester): void {
    this.#host.queue.park(requester, this.line.admission.health !== 'good');
    this.#parked ??= new Set();
    this.#parked.add(requester);
    this.#plan();
  }

  /** It waits no more. */
  leave(requester: DialRequester): void {
    if (this.#parked?.delete(requester)) this.#plan();
  }

  /** Something has happened, or it is time: those that may dial have their turn again. */
  settle(): void {
    if (!this.isAwaited) this.line.admission.queueEmptied();
    if (!this.#parked) return;
    const { queue } = this.#host;
    let hasOpened = false;
    for (const requester of this.#parked) {
      const urgency = queue.urgencyOf(requester) ?? 'normal';
      if (this.isShut(urgency)) continue;
      this.#parked.delete(requester);
      queue.unpark(requester, this.#host.isInTrouble);
      hasOpened = true;
    }
    this.#plan();
    if (hasOpened) this.#host.plan();
  }

  /** It is given up: those that are parked do not wait for it any more. */
  end(): void {
    this.#timer?.stop();
    const parked = this.#parked;
    this.#parked = undefined;
    if (!parked || parked.size === 0) return;
    for (const requester of parked) this.#host.queue.unpark(requester, this.#host.isInTrouble);
    this.#host.plan();
  }

  #plan(): void {
    const opensAt = this.line.admission.opensAt('normal');
    if (!this.#parked || this.#parked.size === 0 || opensAt === Infinity) {
      this.#timer?.stop();
      return;
    }
    this.#timer ??= new GateTimer(noLimit, () => this.settle());
    // The timer of the gate keeps the process alive.
    this.#timer.set(opensAt, false);
  }
}
