import { Admission } from '../../src/gate/admission.js';
import type { Decision } from '../../src/gate/decision.js';
import { SlowStart } from '../../src/gate/window.js';
import type { Backoff } from '../../src/backoff/index.js';
import type { Policy } from './policies.js';

/** How long a dial takes, whether it succeeds or fails, in milliseconds. */
export const dialTime = 1;
/** connman's own defaults. */
const maxDialing = 256;
const stableAfter = 5_000;
/** How long the lives lasted that end at time 0: any that were stable. */
const uptime = 60_000;

/** When the connections of a program dial, and when each of them is up again, in milliseconds since their loss. */
export interface Course {
  readonly dials: readonly number[];
  readonly backs: readonly number[];
}

/** One process that loses its connections to one server at time 0. They share a gate, and so one backoff. */
export class GatedProgram implements Course {
  readonly dials: number[] = [];
  readonly backs: number[] = [];
  readonly #inFlight: number[] = [];
  readonly #first: () => Backoff;
  #backoff: Backoff | undefined;
  readonly #admission: Admission = new Admission(new SlowStart(maxDialing));
  #waiting = 0;
  #now = 0;

  constructor(policy: Policy, connections: number, random: () => number) {
    this.#first = () => policy.first(random);
    for (let life = 0; life < connections; life += 1) {
      this.#admission.dialBegan('normal');
      this.#admission.dialSucceeded(-uptime, stableAfter);
    }
    while (this.#waiting < connections) this.#lose();
  }

  /** Lets all of them come back to a server that is there again at `outage`. */
  run(outage: number): this {
    while (this.#waiting > 0 || this.#inFlight.length > 0) {
      const opening = this.#waiting > 0 ? Math.max(this.#now, this.#admission.opensAt('normal')) : Infinity;
      const [began = Infinity] = this.#inFlight;
      this.#now = Math.min(opening, began + dialTime);
      if (this.#now < opening) this.#end(began >= outage);
      else this.#open();
    }
    return this;
  }

  #lose(): void {
    const othersWait = this.#waiting > 0;
    const end = { uptime, stableAfter, counts: true, wasOnTrial: false, othersWait } as const;
    const delay = this.#draw(this.#admission.afterLife(this.#now, end));
    this.#admission.lifeEnded(this.#now, end, delay);
    this.#waiting += 1;
  }

  #open(): void {
    while (this.#waiting > 0 && this.#admission.opensAt('normal') <= this.#now) {
      this.#admission.dialBegan('normal');
      this.#waiting -= 1;
      this.#inFlight.push(this.#now);
      this.dials.push(this.#now);
    }
    this.#admission.batchBegan(this.#now);
  }

  #end(hasSucceeded: boolean): void {
    this.#inFlight.shift();
    if (hasSucceeded) {
      this.backs.push(this.#now);
      this.#admission.dialSucceeded(this.#now, stableAfter);
    } else {
      this.#waiting += 1;
      const delay = this.#draw(this.#admission.afterDialFailure(this.#now, stableAfter));
      this.#admission.dialFailed(this.#now, stableAfter, delay);
    }
  }

  #draw({ wait }: Decision): number {
    if (wait === undefined) return 0;
    this.#backoff = wait !== 'first' && this.#backoff ? this.#backoff.next() : this.#first();
    return this.#backoff.delay;
  }
}
