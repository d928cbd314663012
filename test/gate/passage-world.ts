import { expect } from 'vitest';
import type { Urgency } from '../../src/gate/line.js';
import { Passage, type LifeEnd, type Outlook, type Verdict } from '../../src/gate/passage.js';

export const stableAfter = 1_000;

interface Dial {
  readonly beganAt: number;
  /** How many events there had been before it. */
  readonly number: number;
}

/** Dials and lives at one gate, told to its passage, and what must hold of that, by a book of its own. */
export class PassageWorld {
  now = 0;
  readonly dials: Dial[] = [];
  readonly lives: number[] = [];
  readonly #passage: Passage;
  readonly #widest: number;
  /** The outlook after the event before. */
  #last: Outlook = 'good';
  #onTrial: number | undefined;
  #events = 0;
  #lastFailure = -1;
  #lastSuccess = -1;
  #lastStep = -Infinity;
  /** Whether a life has been stable since the outlook was last another one. */
  #wasStable = false;
  #wasFavour = false;

  constructor(widest: number) {
    this.#passage = new Passage(widest);
    this.#widest = widest;
  }

  get outlook(): Outlook {
    return this.#passage.outlook;
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    const isStable = this.#passage.passTime(this.now);
    this.#happened();
    if (isStable) {
      expect(this.#longest(), 'a stable life').toBeGreaterThanOrEqual(stableAfter);
      this.#onTrial = undefined;
    }
  }

  /** Lets dial as many as may, of so many who wait. */
  open(urgency: Urgency, waiting: number): void {
    for (let left = waiting; left > 0 && this.#passage.opensAt(urgency) <= this.now; left -= 1)
      this.#begin(urgency);
    this.#passage.batchBegan(this.now);
    this.#happened();
  }

  arriveAlone(): void {
    this.#passage.freshArrival();
    this.#happened();
    if (this.dials.length === 0) expect(this.#passage.window).toBe(1);
  }

  succeed(index: number): void {
    if (this.dials.length === 0) return;
    this.#end(index);
    this.lives.push(this.now);
    this.#lastSuccess = this.#events;
    const { outlook, isOnTrial } = this.#passage;
    this.#passage.dialSucceeded(this.now, stableAfter);
    this.#happened();
    if (this.#passage.isOnTrial && !isOnTrial) this.#onTrial = this.now;
    if (outlook !== 'flapping') expect(this.outlook).toBe('good');
    else expect(this.outlook).toBe('flapping');
  }

  fail(index: number, delay: number): void {
    if (this.dials.length === 0) return;
    const { number } = this.#end(index);
    const isOld = number < this.#lastFailure && this.#lastSuccess < this.#lastFailure;
    const verdict = this.#passage.dialFailed(this.now, stableAfter);
    if (isOld) expect(verdict.wait, 'a failure that says nothing new').toBeUndefined();
    else if (this.lives.length === 0) expect(verdict.wait).toBe('failure');
    if (!isOld) this.#lastFailure = this.#events;
    this.#follow(verdict, delay);
    if (verdict.wait) expect(this.outlook).toBe('failing');
    if (!isOld) expect(this.#passage.window).toBe(1);
  }

  abandon(index: number): void {
    if (this.dials.length === 0) return;
    this.#end(index);
    this.#passage.dialAbandoned();
    this.#happened();
  }

  lose(index: number, endedBy: LifeEnd['endedBy'], othersWait: boolean, delay: number): void {
    if (this.lives.length === 0) return;
    const [bornAt = 0] = this.lives.splice(index % this.lives.length, 1);
    const uptime = this.now - bornAt;
    const wasOnTrial = this.#passage.isOnTrial && this.#onTrial === bornAt;
    const { outlook } = this;
    if (uptime >= stableAfter) this.#wasStable = true;
    const end = { uptime, stableAfter, endedBy, wasOnTrial, othersWait };
    const verdict = this.#passage.lifeEnded(this.now, end);
    if (verdict.wait === 'loss') {
      expect(uptime, 'a short life').toBeLessThan(stableAfter);
      expect(wasOnTrial || bornAt > this.#lastStep, 'a life that began after the last step').toBe(true);
    }
    if (endedBy === 'disconnect') expect(verdict.wait).toBeUndefined();
    if (verdict.isStable) expect(uptime).toBeGreaterThanOrEqual(stableAfter);
    expect(verdict.isStable).toBe(uptime >= stableAfter && outlook !== 'failing');
    this.#follow(verdict, delay);
    if (endedBy === 'endpoint' && this.lives.length === 0) {
      expect(this.outlook).not.toBe('good');
      expect(this.#passage.window).toBe(1);
    }
  }

  check(): void {
    const { window, dialling, due } = this.#passage;
    expect(dialling).toBe(this.dials.length);
    expect(window).toBeGreaterThanOrEqual(1);
    expect(window).toBeLessThanOrEqual(this.#widest);
    if (window !== this.#widest) expect(Math.log2(window) % 1, 'a power of two').toBe(0);
    expect(due, 'a wait that ends').toBeLessThan(Infinity);
    if (this.outlook !== 'good') expect(window).toBe(1);
  }

  #begin(urgency: Urgency): void {
    const { window, outlook, due } = this.#passage;
    expect(this.dials.length).toBeLessThan(window);
    if (outlook !== 'good') {
      expect(this.dials.length, 'one probe at a time').toBe(0);
      if (urgency !== 'hurried') expect(this.now).toBeGreaterThanOrEqual(due);
    }
    this.dials.push({ beganAt: this.now, number: this.#events });
    const isFavour = this.#passage.mayFavour(urgency);
    if (isFavour)
      expect([this.#wasFavour, outlook === 'good', urgency === 'hurried']).toEqual([false, false, false]);
    this.#passage.dialBegan(isFavour);
    this.#wasFavour = isFavour;
    this.#happened();
  }

  #end(index: number): Dial {
    const [dial] = this.dials.splice(index % this.dials.length, 1);
    return dial as Dial;
  }

  #follow({ wait }: Verdict, delay: number): void {
    this.#happened();
    expect(this.#passage.due === Infinity, 'a wait to be drawn').toBe(wait !== undefined);
    if (!wait) return;
    if (wait !== 'first') this.#lastStep = this.now;
    this.#passage.waitDrawn(this.now + delay);
    this.#happened();
  }

  /** After each event. */
  #happened(): void {
    this.#events += 1;
    if (this.#longest() >= stableAfter) this.#wasStable = true;
    const { outlook } = this;
    if (this.#last === 'flapping' && outlook !== 'flapping' && outlook !== 'failing') {
      expect(this.#wasStable, 'a life was stable').toBe(true);
    }
    if (this.#last !== outlook) this.#wasStable = false;
    this.#last = outlook;
  }

  /** How long the longest of the lives has lasted. */
  #longest(): number {
    return Math.max(-Infinity, ...this.lives.map((bornAt) => this.now - bornAt));
  }
}
