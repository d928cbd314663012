import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import { publishGateState, wantsGateState, type GateReport } from '../telemetry/index.js';
import { GateTimer } from './gate-timer.js';
import type { DialRequester } from './dial-requester.js';
import { DialQueue, type Urgency } from './dial-queue.js';
import { Admission, type LifeEnd, type Decision } from './admission.js';
import { hasChanged, snapshotOf } from './gate-snapshot.js';
import { SharedBackoff } from './shared-backoff.js';

/**
 * Says when a dial to an endpoint may begin. All connections of a manager to that endpoint share it: they tell it how
 * their dials and lives went, and wait here for their turn, with one timer for all of them.
 */
export class Gate {
  readonly endpoint: Endpoint;
  readonly isTls: boolean;
  /** How many connections may come here. */
  users = 0;
  readonly #queue: DialQueue = new DialQueue();
  readonly #backoff: SharedBackoff = new SharedBackoff();
  readonly #admission: Admission;
  /** Set while somebody waits. */
  readonly #timer: GateTimer = new GateTimer(() => this.#open());
  /** Whose life has to be stable, before the endpoint is believed again. */
  #onTrial: DialRequester | undefined;
  /** What was published last, and whether there may be more to publish. */
  #published: GateReport;
  #isPublishing = false;

  constructor(endpoint: Endpoint, isTls: boolean, maxDialing: number) {
    this.endpoint = endpoint;
    this.isTls = isTls;
    this.#admission = new Admission(maxDialing);
    this.#published = this.report;
  }

  /** How it stands: a snapshot. */
  get report(): GateReport {
    return snapshotOf(this.#advance(), this.#queue.size, this.#queue.urgency);
  }

  /**
   * Whether dials are known to fail, or to lead to lives that do not last; and others find out when that is over, or it is not
   * yet time to.
   */
  get isShut(): boolean {
    const { health, dialling, due } = this.#advance();
    const isSeenTo = dialling > 0 || this.#queue.size > 0 || now() < due;
    return isSeenTo && (health === 'failing' || health === 'flapping');
  }

  /** Whether connections are lost soon after they are made: a dial in a hurry would only be the next of them. */
  get isFlapping(): boolean {
    return this.#advance().health === 'flapping';
  }

  /** Comes for the first time: dials at once, if all is well and nobody else is dialling, or else waits. */
  arrive(requester: DialRequester): void {
    const { health, dialling } = this.#advance();
    if (health !== 'good' || dialling > 0 || this.#queue.size > 0) {
      this.#wait(requester, 'new');
      return;
    }
    this.#admission.freshArrival();
    this.#begin(requester, false);
    this.#admission.batchBegan(now());
    this.#publishChange();
  }

  /** Comes to dial again: waits for its turn. Says for how long no turn comes, in milliseconds. */
  enter(requester: DialRequester, isUrgent: boolean): number {
    this.#wait(requester, isUrgent ? 'urgent' : 'normal');
    return isUrgent ? 0 : Math.max(0, this.#admission.due - now());
  }

  /** Does not want to dial any more. */
  leave(requester: DialRequester): void {
    if (this.#queue.delete(requester)) this.#plan();
  }

  /** Its turn is to come as soon as there is room for a dial. */
  makeUrgent(requester: DialRequester): void {
    this.#queue.makeUrgent(requester);
    this.#plan();
  }

  /** Whether the program has to stay alive for it may be another matter now. */
  referenced(requester: DialRequester): void {
    if (!this.#queue.has(requester)) return;
    this.#queue.referenced(requester);
    this.#plan();
  }

  dialSucceeded(requester: DialRequester): void {
    const { health, isOnTrial } = this.#advance();
    this.#admission.dialSucceeded(now(), requester.options.stableAfter);
    if (this.#admission.isOnTrial) this.#onTrial = isOnTrial ? this.#onTrial : requester;
    else if (health !== 'good') this.#backoff.goBack();
    this.#plan();
  }

  /**
   * Says how long the wait is that follows, if this is not a failure like the others. Of one that does not go on the backoff is
   * not asked.
   */
  dialFailed(requester: DialRequester, error: DialError, goesOn: boolean): number | undefined {
    const decision = this.#advance().dialFailed(now(), requester.options.stableAfter);
    const others = decision.wait ? this.#queue.everyone() : [];
    this.#share(others, (other) => other.dialFailedElsewhere(error));
    return this.#follow(decision, goesOn ? requester : undefined);
  }

  /** The dial was given up by whoever began it. */
  dialAbandoned(): void {
    this.#admission.dialAbandoned();
    this.#plan();
  }

  /** Says how long the wait is that follows, if one does. */
  lifeEnded(requester: DialRequester, uptime: number, endedBy: LifeEnd['endedBy']): number | undefined {
    const { stableAfter } = requester.options;
    const wasOnTrial = this.#advance().isOnTrial && this.#onTrial === requester;
    if (this.#onTrial === requester) this.#onTrial = undefined;
    const end = { uptime, stableAfter, endedBy, wasOnTrial, othersWait: this.#queue.size > 0 };
    const decision = this.#admission.lifeEnded(now(), end);
    const isFlapping = decision.wait === 'loss' && this.#admission.health === 'flapping';
    if (isFlapping) this.#share(this.#queue.everyone(), (other) => other.endpointFlaps());
    return this.#follow(decision, requester);
  }

  #wait(requester: DialRequester, urgency: Urgency): void {
    if (this.#queue.size === 0) this.#admission.freshArrival();
    this.#queue.add(requester, urgency);
    this.#plan();
  }

  /** Tells those of them who still wait then, once what is going on is complete. */
  #share(others: readonly DialRequester[], tell: (other: DialRequester) => void): void {
    if (others.length === 0) return;
    process.nextTick(() => {
      for (const other of others) if (this.#queue.has(other)) tell(other);
    });
  }

  #follow({ wait, isStable }: Decision, requester: DialRequester | undefined): number | undefined {
    if (isStable) this.#backoff.restart();
    let delay: number | undefined;
    if (wait) {
      // The program's own code may run in here, with all that it can do to connections.
      const others = this.#queue.everyone();
      delay = this.#backoff.wait(wait, requester ? [requester, ...others] : others);
      this.#admission.waitDrawn(now() + delay);
    }
    this.#plan();
    return delay;
  }

  /** Lets dial whoever may. */
  #open(): void {
    const moment = now();
    let hasBegun = false;
    while (this.#queue.size > 0 && moment >= this.#opensAt(this.#queue.urgency)) {
      const { first } = this.#queue;
      const next = this.#firstOutOfTurn() ?? first;
      if (!next) break;
      this.#queue.delete(next);
      this.#begin(next, next !== first);
      hasBegun = true;
    }
    if (hasBegun) this.#admission.batchBegan(moment);
    this.#plan();
  }

  #begin(requester: DialRequester, isOutOfTurn: boolean): void {
    this.#admission.dialBegan(isOutOfTurn);
    requester.dial();
  }

  /** Who dials out of turn. */
  #firstOutOfTurn(): DialRequester | undefined {
    return this.#admission.mayGoOutOfTurn(this.#queue.urgency) ? this.#queue.firstWanted : undefined;
  }

  #opensAt(urgency: Urgency): number {
    return this.#advance().opensAt(urgency);
  }

  /** The admission as it is now. */
  #advance(): Admission {
    const admission = this.#admission;
    if (admission.isOnTrial && admission.passTime(now())) this.#backoff.restart();
    return admission;
  }

  /** Sees to it that the gate opens when it is somebody's turn, and that the program lives as long as it has to. */
  #plan(): void {
    const { size, urgency, keepsAlive } = this.#queue;
    if (size === 0) this.#timer.stop();
    else this.#timer.set(this.#opensAt(urgency), keepsAlive);
    this.#publishChange();
  }

  /** Tells of what is new, once all that is going on is complete. */
  #publishChange(): void {
    if (this.#isPublishing || !wantsGateState()) return;
    this.#isPublishing = true;
    process.nextTick(() => {
      this.#isPublishing = false;
      const { report } = this;
      const last = this.#published;
      if (!hasChanged(report, last)) return;
      this.#published = report;
      publishGateState(this, report, last.state);
    });
  }
}
