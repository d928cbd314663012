import type { Applicant } from './applicant.js';
import { Queue } from './queue.js';

/**
 * Why somebody should not have to wait:
 * - `hurried`: it is asked for; no wait holds for it, only that not too many dial at once.
 * - `new`: it has never dialled; it waits only where the endpoint gives cause to.
 * - `patient`: it waits as long as it takes.
 */
export type Urgency = 'hurried' | 'new' | 'patient';

const urgencies = ['hurried', 'new', 'patient'] as const satisfies readonly Urgency[];

/** Those who wait for their turn to dial: by urgency, and first come, first served. */
export class Line {
  readonly #queues: Readonly<Record<Urgency, Queue<Applicant>>> = {
    hurried: new Queue(),
    new: new Queue(),
    patient: new Queue(),
  };
  readonly #referenced: Set<Applicant> = new Set();

  get size(): number {
    const { hurried, new: newcomers, patient } = this.#queues;
    return hurried.size + newcomers.size + patient.size;
  }

  /** Whether the program has to stay alive for one of them. */
  get keepsAlive(): boolean {
    return this.#referenced.size > 0;
  }

  /** The urgency of those who come first. */
  get urgency(): Urgency {
    return urgencies.find((urgency) => this.#queues[urgency].size > 0) ?? 'patient';
  }

  /** Who comes first. */
  get first(): Applicant | undefined {
    return this.#queues[this.urgency].first;
  }

  /** The first for which somebody waits. */
  get firstWanted(): Applicant | undefined {
    return this.everyone().find((applicant) => applicant.isWanted);
  }

  add(applicant: Applicant, urgency: Urgency): void {
    this.#queues[urgency].add(applicant);
    this.referenced(applicant);
  }

  /** Takes it out; says whether it was there. */
  delete(applicant: Applicant): boolean {
    this.#referenced.delete(applicant);
    return urgencies.some((urgency) => this.#queues[urgency].delete(applicant));
  }

  has(applicant: Applicant): boolean {
    return urgencies.some((urgency) => this.#queues[urgency].has(applicant));
  }

  /** It cannot wait any more. */
  hurry(applicant: Applicant): void {
    const { hurried, new: newcomers, patient } = this.#queues;
    if (newcomers.delete(applicant) || patient.delete(applicant)) hurried.add(applicant);
  }

  /** Whether the program has to stay alive for it may be another matter now. */
  referenced(applicant: Applicant): void {
    if (applicant.isReferenced) this.#referenced.add(applicant);
    else this.#referenced.delete(applicant);
  }

  everyone(): Applicant[] {
    const { hurried, new: newcomers, patient } = this.#queues;
    return [...hurried, ...newcomers, ...patient];
  }
}
