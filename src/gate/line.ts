import { now } from '../primitives/time.js';
import type { Admission } from './admission.js';
import type { Decision, LifeEnd } from './decision.js';
import type { DialRequester } from './dial-requester.js';
import { reportFailures, SharedBackoff, type DrawnWait } from './shared-backoff.js';

/** How a life has ended, as a line is told. */
export type EndedLife = Omit<LifeEnd, 'wasOnTrial' | 'stableAfter'>;

/**
 * An admission with its backoff, for requesters whose dials succeed or fail together: all that dial an endpoint, or those of one
 * owner.
 */
export class Line {
  readonly #admission: Admission;
  readonly #backoff: SharedBackoff = new SharedBackoff();
  /** The requester whose life has to last before the others follow. */
  #onTrial: DialRequester | undefined;

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  /** The admission as of now: time alone may end a trial. */
  get admission(): Admission {
    const admission = this.#admission;
    if (!admission.isOnTrial) return admission;
    if (admission.passTime(now())) this.#backoff.restart();
    else if (!admission.isOnTrial) this.#backoff.goBack();
    return admission;
  }

  /** Whether nothing is going on, and nothing that has happened matters any more. */
  get isQuiet(): boolean {
    return this.admission.isQuiet && this.#backoff.isFresh;
  }

  /** Whether there is a wait for which that backoff was not asked: it may want a shorter one. */
  mayShorten(firstBackoff: DialRequester['options']['firstBackoff']): boolean {
    return this.admission.due > now() && !this.#backoff.hasAsked(firstBackoff);
  }

  /** Asks the backoff of a requester that came after the wait had begun, and shortens the wait to that. */
  shortenWait(requester: DialRequester): void {
    const drawn = this.#backoff.draw('failure', [requester], false);
    reportFailures(drawn);
    this.#backoff.add(drawn);
    this.admission.shortenWait(now(), drawn.delay);
  }

  /** A dial has succeeded. Returns whether a trial begins with its life. */
  dialSucceeded(requester: DialRequester, bornAt: number = now()): boolean {
    const { admission } = this;
    const { health, isOnTrial } = admission;
    admission.dialSucceeded(bornAt, requester.options.stableAfter);
    const begins = admission.isOnTrial && !isOnTrial;
    if (begins) this.#onTrial = requester;
    else if (!isOnTrial && health !== 'good') this.#backoff.goBack();
    return begins;
  }

  /** A dial was answered, and no life came of it. */
  dialAnswered(): void {
    const { health } = this.admission;
    this.#admission.dialAnswered();
    if (health !== 'good' && this.#admission.health === 'good') this.#backoff.goBack();
  }

  /** Asks the backoffs of all `waiters` for the wait that would follow if a dial of the requester failed now. Changes nothing. */
  askDialFailed(requester: DialRequester, waiters: () => readonly DialRequester[]): DrawnWait {
    return this.#draw(this.admission.afterDialFailure(now(), requester.options.stableAfter), waiters);
  }

  /** A dial has failed. Returns the length of the wait in milliseconds, or `undefined` if none follows. */
  dialFailed(requester: DialRequester, drawn: DrawnWait): number | undefined {
    const delay = this.#backoff.delayOf(drawn);
    const decision = this.admission.dialFailed(now(), requester.options.stableAfter, delay);
    return this.#apply(decision, delay, drawn);
  }

  /** Asks the backoffs of all `waiters` for the wait that would follow if a life ended like this now. Changes nothing. */
  askLifeEnded(requester: DialRequester, end: EndedLife, waiters: () => readonly DialRequester[]): DrawnWait {
    return this.#draw(this.admission.afterLife(now(), this.#endOf(requester, end)), waiters);
  }

  /** A life has ended. Returns what follows, and the length of the wait in milliseconds, if there is one. */
  lifeEnded(
    requester: DialRequester,
    end: EndedLife,
    drawn: DrawnWait,
  ): Decision & { readonly delay?: number } {
    const delay = this.#backoff.delayOf(drawn);
    const decision = this.admission.lifeEnded(now(), this.#endOf(requester, end), delay);
    if (this.#onTrial === requester) this.#onTrial = undefined;
    this.#apply(decision, delay, drawn);
    return decision.wait ? { ...decision, delay } : decision;
  }

  #endOf(requester: DialRequester, end: EndedLife): LifeEnd {
    const { uptime, counts, othersWait } = end;
    const wasOnTrial = this.#admission.isOnTrial && this.#onTrial === requester;
    return { uptime, stableAfter: requester.options.stableAfter, counts, wasOnTrial, othersWait };
  }

  #draw({ wait, isStable }: Decision, waiters: () => readonly DialRequester[]): DrawnWait {
    return wait && this.#backoff.draw(wait, waiters(), isStable);
  }

  #apply({ wait, isStable }: Decision, delay: number, drawn: DrawnWait): number | undefined {
    reportFailures(drawn);
    if (isStable) this.#backoff.restart();
    if (wait && drawn) this.#backoff.apply(drawn);
    return wait ? delay : undefined;
  }
}
