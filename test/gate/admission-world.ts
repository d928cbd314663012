import { expect } from 'vitest';
import type { Urgency } from '../../src/gate/dial-queue.js';
import { Admission } from '../../src/gate/admission.js';
import type { Decision, EndpointHealth } from '../../src/gate/decision.js';
import { SlowStart } from '../../src/gate/window.js';

const stableAfter = 1_000;

interface Dial {
  readonly beganAt: number;
  /** How many events there had been before it. */
  readonly number: number;
}

/** Dials and lives at one gate, told to its admission, and what must hold of that, by a book of its own. */
export class AdmissionWorld {
  now = 0;
  readonly dials: Dial[] = [];
  readonly lives: number[] = [];
  readonly #admission: Admission;
  readonly #widest: number;
  /** The health after the event before. */
  #last: EndpointHealth = 'good';
  #onTrial: number | undefined;
  #events = 0;
  #lastFailure = -1;
  #lastSuccess = -1;
  #lastStep = -Infinity;
  /** Whether a life has been stable since the health was last another one. */
  #wasStable = false;

  /** Whether there has been no wait since the last dial of one that would have waited. */
  #isFirstWait = true;

  constructor(widest: number) {
    this.#admission = new Admission(new SlowStart(widest));
    this.#widest = widest;
  }

  get health(): EndpointHealth {
    return this.#admission.health;
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    const isStable = this.#admission.passTime(this.now);
    this.#happened();
    if (isStable) {
      expect(this.#longest(), 'a stable life').toBeGreaterThanOrEqual(stableAfter);
      this.#onTrial = undefined;
    }
  }

  /** Lets as many of those `waiting` dial as may. */
  open(urgency: Urgency, waiting: number): void {
    for (let left = waiting; left > 0 && this.#admission.opensAt(urgency) <= this.now; left -= 1)
      this.#begin(urgency);
    this.#admission.batchBegan(this.now);
    this.#happened();
  }

  /** Those that waited have left. */
  empty(): void {
    this.#admission.queueEmptied();
    if (this.health === 'good') this.#isFirstWait = true;
    this.#happened();
  }

  arriveAlone(): void {
    this.#admission.freshArrival();
    this.#happened();
    if (this.dials.length === 0) {
      expect(this.#admission.window).toBe(1);
    }
  }

  succeed(index: number): void {
    if (this.dials.length === 0) return;
    this.#end(index);
    this.lives.push(this.now);
    this.#lastSuccess = this.#events;
    const { health, isOnTrial } = this.#admission;
    this.#admission.dialSucceeded(this.now, stableAfter);
    this.#happened();
    if (this.#admission.isOnTrial && !isOnTrial) this.#onTrial = this.now;
    expect(this.health).toBe(health === 'flapping' || this.#admission.isOnTrial ? health : 'good');
  }

  fail(index: number, delay: number): void {
    if (this.dials.length === 0) return;
    const { number } = this.#end(index);
    const isOld = number < this.#lastFailure && this.#lastSuccess < this.#lastFailure;
    const foretold = this.#admission.afterDialFailure(this.now, stableAfter);
    const decision = this.#admission.dialFailed(this.now, stableAfter, delay);
    expect(decision).toEqual(foretold);
    if (isOld) expect(decision.wait, 'a failure that says nothing new').toBeUndefined();
    else if (this.lives.length === 0) expect(decision.wait).toBe('failure');
    if (!isOld) this.#lastFailure = this.#events;
    this.#follow(decision, delay);
    if (decision.wait) expect(this.health).toBe('failing');
    if (!isOld) expect(this.#admission.window).toBe(1);
  }

  abandon(index: number): void {
    if (this.dials.length === 0) return;
    this.#end(index);
    this.#admission.dialAbandoned();
    this.#happened();
  }

  lose(index: number, counts: boolean, othersWait: boolean, delay: number): void {
    if (this.lives.length === 0) return;
    const [bornAt = 0] = this.lives.splice(index % this.lives.length, 1);
    const uptime = this.now - bornAt;
    const wasOnTrial = this.#admission.isOnTrial && this.#onTrial === bornAt;
    const { health } = this;
    if (uptime >= stableAfter) this.#wasStable = true;
    const end = { uptime, stableAfter, counts, wasOnTrial, othersWait };
    const foretold = this.#admission.afterLife(this.now, end);
    const decision = this.#admission.lifeEnded(this.now, end, delay);
    expect(decision).toEqual(foretold);
    if (decision.wait === 'loss') {
      expect(uptime, 'a short life').toBeLessThan(stableAfter);
      expect(wasOnTrial || bornAt > this.#lastStep, 'a life that began after the last step').toBe(true);
    }
    if (!counts) expect(decision.wait).toBeUndefined();
    if (decision.isStable) expect(uptime).toBeGreaterThanOrEqual(stableAfter);
    expect(decision.isStable).toBe(uptime >= stableAfter && health !== 'failing');
    this.#follow(decision, delay);
    if (counts && this.lives.length === 0) {
      expect(this.health).not.toBe('good');
      expect(this.#admission.window).toBe(1);
    }
  }

  check(): void {
    const { window, dialling, due } = this.#admission;
    expect(dialling).toBe(this.dials.length);
    expect(window).toBeGreaterThanOrEqual(1);
    expect(window).toBeLessThanOrEqual(this.#widest);
    expect(due, 'a wait that ends').toBeLessThan(Infinity);
    if (this.health !== 'good') expect(window).toBe(1);
  }

  #begin(urgency: Urgency): void {
    const { window, health, due } = this.#admission;
    expect(this.dials.length).toBeLessThan(window);
    if (health !== 'good') {
      expect(this.dials.length, 'one probe at a time').toBe(0);
      if (urgency !== 'urgent') expect(this.now).toBeGreaterThanOrEqual(due);
    }
    this.dials.push({ beganAt: this.now, number: this.#events });
    this.#admission.dialBegan(urgency);
    if (urgency === 'normal' || (urgency === 'new' && health !== 'good')) this.#isFirstWait = true;
    this.#happened();
  }

  #end(index: number): Dial {
    const [dial] = this.dials.splice(index % this.dials.length, 1);
    return dial as Dial;
  }

  #follow({ wait }: Decision, delay: number): void {
    this.#happened();
    if (!wait) return;
    expect(this.#admission.due, 'a wait as long as that, or one that others had before').toBeLessThanOrEqual(
      this.now + delay,
    );
    if (this.#isFirstWait) expect(this.#admission.due).toBe(this.now + delay);
    this.#isFirstWait = false;
    if (wait !== 'first') this.#lastStep = this.now;
  }

  /** After each event. */
  #happened(): void {
    this.#events += 1;
    if (this.#longest() >= stableAfter) this.#wasStable = true;
    const { health } = this;
    if (this.#last === 'flapping' && health !== 'flapping' && health !== 'failing') {
      expect(this.#wasStable, 'a life was stable').toBe(true);
    }
    if (this.#last !== health) this.#wasStable = false;
    this.#last = health;
  }

  /** How long the longest of the lives has lasted. */
  #longest(): number {
    return Math.max(-Infinity, ...this.lives.map((bornAt) => this.now - bornAt));
  }
}
