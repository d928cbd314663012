import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import { publishGateState, wantsGateState, type GateReport } from '../telemetry/index.js';
import { Alarm } from './alarm.js';
import type { Applicant } from './applicant.js';
import { Line, type Urgency } from './line.js';
import { Passage, type LifeEnd, type Verdict } from './passage.js';
import { isNews, reportOf } from './report.js';
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
  readonly #line: Line = new Line();
  readonly #backoff: SharedBackoff = new SharedBackoff();
  readonly #passage: Passage;
  /** Set while somebody waits. */
  readonly #alarm: Alarm = new Alarm(() => this.#open());
  /** Whose life has to be stable, before the endpoint is believed again. */
  #onTrial: Applicant | undefined;
  /** What was published last, and whether there may be more to publish. */
  #told: GateReport;
  #isTelling = false;

  constructor(endpoint: Endpoint, isTls: boolean, maxDialing: number) {
    this.endpoint = endpoint;
    this.isTls = isTls;
    this.#passage = new Passage(maxDialing);
    this.#told = this.report;
  }

  /** How it stands: a snapshot. */
  get report(): GateReport {
    return reportOf(this.#advance(), this.#line.size, this.#line.urgency);
  }

  /**
   * Whether dials are known to fail, or to lead to lives that do not last; and others find out when that is over, or it is not
   * yet time to.
   */
  get isShut(): boolean {
    const { outlook, dialling, due } = this.#advance();
    const isSeenTo = dialling > 0 || this.#line.size > 0 || now() < due;
    return isSeenTo && (outlook === 'failing' || outlook === 'flapping');
  }

  /** Whether connections are lost soon after they are made: a dial in a hurry would only be the next of them. */
  get isFlapping(): boolean {
    return this.#advance().outlook === 'flapping';
  }

  /** Comes for the first time: dials at once, if all is well and nobody else is dialling, or else waits. */
  arrive(applicant: Applicant): void {
    const { outlook, dialling } = this.#advance();
    if (outlook !== 'good' || dialling > 0 || this.#line.size > 0) {
      this.#wait(applicant, 'new');
      return;
    }
    this.#passage.freshArrival();
    this.#begin(applicant, false);
    this.#passage.batchBegan(now());
    this.#tell();
  }

  /** Comes to dial again: waits for its turn. Says for how long no turn comes, in milliseconds. */
  enter(applicant: Applicant, isHurried: boolean): number {
    this.#wait(applicant, isHurried ? 'hurried' : 'patient');
    return isHurried ? 0 : Math.max(0, this.#passage.due - now());
  }

  /** Does not want to dial any more. */
  leave(applicant: Applicant): void {
    if (this.#line.delete(applicant)) this.#plan();
  }

  /** Its turn is to come as soon as there is room for a dial. */
  hurry(applicant: Applicant): void {
    this.#line.hurry(applicant);
    this.#plan();
  }

  /** Whether the program has to stay alive for it may be another matter now. */
  referenced(applicant: Applicant): void {
    if (!this.#line.has(applicant)) return;
    this.#line.referenced(applicant);
    this.#plan();
  }

  dialSucceeded(applicant: Applicant): void {
    const { outlook, isOnTrial } = this.#advance();
    this.#passage.dialSucceeded(now(), applicant.options.stableAfter);
    if (this.#passage.isOnTrial) this.#onTrial = isOnTrial ? this.#onTrial : applicant;
    else if (outlook !== 'good') this.#backoff.goBack();
    this.#plan();
  }

  /**
   * Says how long the wait is that follows, if this is not a failure like the others. Of one that does not go on the backoff is
   * not asked.
   */
  dialFailed(applicant: Applicant, error: DialError, goesOn: boolean): number | undefined {
    const verdict = this.#advance().dialFailed(now(), applicant.options.stableAfter);
    const others = verdict.wait ? this.#line.everyone() : [];
    this.#share(others, (other) => other.sharesFailure(error));
    return this.#follow(verdict, goesOn ? applicant : undefined);
  }

  /** The dial was given up by whoever began it. */
  dialAbandoned(): void {
    this.#passage.dialAbandoned();
    this.#plan();
  }

  /** Says how long the wait is that follows, if one does. */
  lifeEnded(applicant: Applicant, uptime: number, endedBy: LifeEnd['endedBy']): number | undefined {
    const { stableAfter } = applicant.options;
    const wasOnTrial = this.#advance().isOnTrial && this.#onTrial === applicant;
    if (this.#onTrial === applicant) this.#onTrial = undefined;
    const end = { uptime, stableAfter, endedBy, wasOnTrial, othersWait: this.#line.size > 0 };
    const verdict = this.#passage.lifeEnded(now(), end);
    const isFlapping = verdict.wait === 'loss' && this.#passage.outlook === 'flapping';
    if (isFlapping) this.#share(this.#line.everyone(), (other) => other.sharesLoss());
    return this.#follow(verdict, applicant);
  }

  #wait(applicant: Applicant, urgency: Urgency): void {
    if (this.#line.size === 0) this.#passage.freshArrival();
    this.#line.add(applicant, urgency);
    this.#plan();
  }

  /** Tells those of them who still wait then, once what is going on is complete. */
  #share(others: readonly Applicant[], tell: (other: Applicant) => void): void {
    if (others.length === 0) return;
    process.nextTick(() => {
      for (const other of others) if (this.#line.has(other)) tell(other);
    });
  }

  #follow({ wait, isStable }: Verdict, applicant: Applicant | undefined): number | undefined {
    if (isStable) this.#backoff.restart();
    let delay: number | undefined;
    if (wait) {
      // The program's own code may run in here, with all that it can do to connections.
      const others = this.#line.everyone();
      delay = this.#backoff.wait(wait, applicant ? [applicant, ...others] : others);
      this.#passage.waitDrawn(now() + delay);
    }
    this.#plan();
    return delay;
  }

  /** Lets dial whoever may. */
  #open(): void {
    const moment = now();
    let hasBegun = false;
    while (this.#line.size > 0 && moment >= this.#opensAt(this.#line.urgency)) {
      const { first } = this.#line;
      const next = this.#favoured() ?? first;
      if (!next) break;
      this.#line.delete(next);
      this.#begin(next, next !== first);
      hasBegun = true;
    }
    if (hasBegun) this.#passage.batchBegan(moment);
    this.#plan();
  }

  #begin(applicant: Applicant, isFavour: boolean): void {
    this.#passage.dialBegan(isFavour);
    applicant.dial();
  }

  /** Who dials out of turn. */
  #favoured(): Applicant | undefined {
    return this.#passage.mayFavour(this.#line.urgency) ? this.#line.firstWanted : undefined;
  }

  #opensAt(urgency: Urgency): number {
    return this.#advance().opensAt(urgency);
  }

  /** The passage as it is now. */
  #advance(): Passage {
    const passage = this.#passage;
    if (passage.isOnTrial && passage.passTime(now())) this.#backoff.restart();
    return passage;
  }

  /** Sees to it that the gate opens when it is somebody's turn, and that the program lives as long as it has to. */
  #plan(): void {
    const { size, urgency, keepsAlive } = this.#line;
    if (size === 0) this.#alarm.stop();
    else this.#alarm.set(this.#opensAt(urgency), keepsAlive);
    this.#tell();
  }

  /** Tells of what is new, once all that is going on is complete. */
  #tell(): void {
    if (this.#isTelling || !wantsGateState()) return;
    this.#isTelling = true;
    process.nextTick(() => {
      this.#isTelling = false;
      const { report } = this;
      const last = this.#told;
      if (!isNews(report, last)) return;
      this.#told = report;
      publishGateState(this, report, last.state);
    });
  }
}
