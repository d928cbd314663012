import type { Applicant } from './applicant.js';
import { Queue } from './queue.js';

/**
 * Why somebody should not have to wait:
 * - `hurried`: it is asked for; no wait holds for it, only that not too many dial at once.
 * - `new`: it has never dialled; it waits only where the endpoint gives cause to.
 * - `patient`: it waits as long as it takes.
 */
export type Urgency = 'hurried' | 'new' | 'patient';

/** Those who wait for their turn to dial: by urgency, and first come, first served. */
export class Line {
  readonly #hurried: Queue<Applicant> = new Queue();
  readonly #newcomers: Queue<Applicant> = new Queue();
  readonly #patient: Queue<Applicant> = new Queue();
  /** Those for which the program need not stay alive. */
  readonly #unreferenced: Set<Applicant> = new Set();

  get size(): number {
    return this.#hurried.size + this.#newcomers.size + this.#patient.size;
  }

  /** Whether the program has to stay alive for one of them. */
  get keepsAlive(): boolean {
    return this.size > this.#unreferenced.size;
  }

  /** The urgency of those who come first. */
  get urgency(): Urgency {
    if (this.#hurried.size > 0) return 'hurried';
    return this.#newcomers.size > 0 ? 'new' : 'patient';
  }

  /** Who comes first. */
  get first(): Applicant | undefined {
    if (this.#hurried.size > 0) return this.#hurried.first;
    return this.#newcomers.size > 0 ? this.#newcomers.first : this.#patient.first;
  }

  /** The first for which somebody waits. */
  get firstWanted(): Applicant | undefined {
    return this.#hurried.find(isWanted) ?? this.#newcomers.find(isWanted) ?? this.#patient.find(isWanted);
  }

  add(applicant: Applicant, urgency: Urgency): void {
    if (urgency === 'hurried') this.#hurried.add(applicant);
    else if (urgency === 'new') this.#newcomers.add(applicant);
    else this.#patient.add(applicant);
    this.referenced(applicant);
  }

  /** Takes it out; says whether it was there. */
  delete(applicant: Applicant): boolean {
    if (this.#unreferenced.size > 0) this.#unreferenced.delete(applicant);
    return (
      this.#hurried.delete(applicant) || this.#newcomers.delete(applicant) || this.#patient.delete(applicant)
    );
  }

  has(applicant: Applicant): boolean {
    return this.#hurried.has(applicant) || this.#newcomers.has(applicant) || this.#patient.has(applicant);
  }

  /** It cannot wait any more. */
  hurry(applicant: Applicant): void {
    const waited = this.#newcomers.delete(applicant) || this.#patient.delete(applicant);
    if (waited) this.#hurried.add(applicant);
  }

  /** Whether the program has to stay alive for it, which is in here, may be another matter now. */
  referenced(applicant: Applicant): void {
    if (!applicant.isReferenced) this.#unreferenced.add(applicant);
    else if (this.#unreferenced.size > 0) this.#unreferenced.delete(applicant);
  }

  everyone(): Applicant[] {
    return [...this.#hurried, ...this.#newcomers, ...this.#patient];
  }
}

function isWanted(applicant: Applicant): boolean {
  return applicant.isWanted;
}
