import { expect } from 'vitest';
import {
  atMoment,
  batchBegan,
  dialAbandoned,
  dialBegan,
  dialFailed,
  dialSucceeded,
  freshArrival,
  lifeEnded,
  newPassage,
  opensAt,
  waitDrawn,
  type LifeEnd,
  type Outlook,
  type Passage,
  type Verdict,
} from '../../src/gate/passage.js';

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
  #passage: Passage;
  #onTrial: number | undefined;
  #events = 0;
  #lastFailure = -1;
  #lastSuccess = -1;
  #lastStep = -Infinity;
  /** Whether a life has been stable since the outlook was last another one. */
  #wasStable = false;

  constructor(widest: number) {
    this.#passage = Object.freeze(newPassage(widest));
  }

  get outlook(): Outlook {
    return this.#passage.outlook;
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    const verdict = atMoment(this.#passage, this.now);
    expect(verdict.wait).toBeUndefined();
    this.#become(verdict.passage);
    if (verdict.isStable) {
      expect(this.#longest(), 'a stable life').toBeGreaterThanOrEqual(stableAfter);
      this.#onTrial = undefined;
    }
  }

  /** Lets dial as many as may, of so many who wait. */
  open(urgency: 'hurried' | 'new' | 'patient', waiting: number): void {
    for (let left = waiting; left > 0 && opensAt(this.#passage, urgency) <= this.now; left -= 1)
      this.#begin(urgency);
    this.#become(batchBegan(this.#passage, this.now));
  }

  arriveAlone(): void {
    this.#become(freshArrival(this.#passage));
    if (this.dials.length === 0) expect(this.#passage.window).toBe(1);
  }

  succeed(index: number): void {
    if (this.dials.length === 0) return;
    this.#end(index);
    this.lives.push(this.now);
    this.#lastSuccess = this.#events;
    const before = this.#passage;
    this.#become(dialSucceeded(before, this.now, stableAfter));
    if (this.#passage.isOnTrial && !before.isOnTrial) this.#onTrial = this.now;
    if (before.outlook !== 'flapping') expect(this.outlook).toBe('good');
    else expect(this.outlook).toBe('flapping');
  }

  fail(index: number, delay: number): void {
    if (this.dials.length === 0) return;
    const { number } = this.#end(index);
    const isOld = number < this.#lastFailure && this.#lastSuccess < this.#lastFailure;
    const verdict = dialFailed(this.#passage, this.now, stableAfter);
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
    this.#become(dialAbandoned(this.#passage));
  }

  lose(index: number, endedBy: LifeEnd['endedBy'], othersWait: boolean, delay: number): void {
    if (this.lives.length === 0) return;
    const [bornAt = 0] = this.lives.splice(index % this.lives.length, 1);
    const uptime = this.now - bornAt;
    const wasOnTrial = this.#passage.isOnTrial && this.#onTrial === bornAt;
    const { outlook } = this;
    if (uptime >= stableAfter) this.#wasStable = true;
    const end = { uptime, stableAfter, endedBy, wasOnTrial, othersWait };
    const verdict = lifeEnded(this.#passage, this.now, end);
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
    const { window, widest, dialling, stale, lives, due } = this.#passage;
    expect([dialling, lives]).toEqual([this.dials.length, this.lives.length]);
    expect(stale).toBeGreaterThanOrEqual(0);
    expect(stale).toBeLessThanOrEqual(dialling);
    expect(window).toBeGreaterThanOrEqual(1);
    expect(window).toBeLessThanOrEqual(widest);
    if (window !== widest) expect(Math.log2(window) % 1, 'a power of two').toBe(0);
    expect(due, 'a wait that ends').toBeLessThan(Infinity);
    if (this.outlook !== 'good') expect(window).toBe(1);
  }

  #begin(urgency: string): void {
    const { window, outlook, due } = this.#passage;
    expect(this.dials.length).toBeLessThan(window);
    if (outlook !== 'good') {
      expect(this.dials.length, 'one probe at a time').toBe(0);
      if (urgency !== 'hurried') expect(this.now).toBeGreaterThanOrEqual(due);
    }
    this.dials.push({ beganAt: this.now, number: this.#events });
    this.#become(dialBegan(this.#passage));
  }

  #end(index: number): Dial {
    const [dial] = this.dials.splice(index % this.dials.length, 1);
    return dial as Dial;
  }

  #follow({ passage, wait }: Verdict, delay: number): void {
    this.#become(passage);
    expect(passage.due === Infinity, 'a wait to be drawn').toBe(wait !== undefined);
    if (!wait) return;
    if (wait !== 'first') this.#lastStep = this.now;
    this.#become(waitDrawn(this.#passage, this.now + delay));
  }

  /** Of values that do not change, the next one. */
  #become(passage: Passage): void {
    this.#events += 1;
    if (this.#longest() >= stableAfter) this.#wasStable = true;
    const { outlook } = this;
    if (outlook === 'flapping' && passage.outlook !== 'flapping' && passage.outlook !== 'failing') {
      expect(this.#wasStable, 'a life was stable').toBe(true);
    }
    if (outlook !== passage.outlook) this.#wasStable = false;
    this.#passage = Object.freeze(passage);
  }

  /** How long the longest of the lives has lasted. */
  #longest(): number {
    return Math.max(-Infinity, ...this.lives.map((bornAt) => this.now - bornAt));
  }
}
