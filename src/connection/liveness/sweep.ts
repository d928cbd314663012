import { longestDelay } from '../../primitives/checks.js';
import { now, startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import type { Vigil, VigilLimits } from './watchdog.js';

/** A deadline is met within this many milliseconds, or this part of it if that is more. */
const tolerance = { time: 50, part: 0.05 };
/** What a timer and the rest of a turn may take, in milliseconds. */
const slack = 6;
/** What is due between two looks waits for one of so many moments: once for the ping, and once for the end. */
const moments = 32;

/**
 * How often a vigil with these limits has to look, in milliseconds. The look says when the last byte came, so it is what a
 * deadline may be late by; a ping alone may be late by half of its interval. One of few values, so that vigils share rounds.
 */
export function sweepPeriod({ interval, timeout, idle }: VigilLimits, maxAge: number): number {
  const deadline = Math.min(interval + timeout, idle, maxAge);
  const late = Math.max(tolerance.time, tolerance.part * Math.min(deadline, longestDelay)) - slack;
  const longest = Math.min(late / (1 + 2 / moments), Math.max(tolerance.time, interval / 2));
  const unit = 2 ** Math.floor(Math.log2(longest)) / 8;
  return Math.floor(longest / unit) * unit;
}

/** The vigils that look at the same time. */
class Round {
  readonly period: number;
  readonly vigils: Set<Vigil> = new Set();
  #time = 0;
  #lookedAt = now();
  /** What is due before the next look. */
  #soon: Set<Vigil> = new Set();

  constructor(period: number) {
    this.period = period;
  }

  /**
   * The time that vigils go by, in milliseconds. A look that comes much too late (the event loop was blocked, the program
   * stopped, the host suspended) counts as a little late: meanwhile nobody could read.
   */
  get time(): number {
    return this.#time + Math.min(now() - this.#lookedAt, 2 * this.period);
  }

  /** How long it is, in milliseconds, until there is something to do. */
  get delay(): number {
    const { time } = this;
    let next = this.#nextLook;
    for (const vigil of this.#soon) next = Math.min(next, this.#moment(vigil.dueAt));
    return next - time;
  }

  add(vigil: Vigil): void {
    this.vigils.add(vigil);
    this.expect(vigil);
  }

  delete(vigil: Vigil): void {
    this.vigils.delete(vigil);
    this.#soon.delete(vigil);
  }

  /** Remembers a vigil that has something to do before the next look. */
  expect(vigil: Vigil): void {
    if (vigil.dueAt < this.#nextLook && this.vigils.has(vigil)) this.#soon.add(vigil);
  }

  /** Looks, if it is time to; takes those that are due. */
  takeDue(): Vigil[] {
    const { time } = this;
    if (time >= this.#nextLook) this.#look(time);
    const due = [...this.#soon].filter((vigil) => vigil.dueAt <= time);
    for (const vigil of due) this.#soon.delete(vigil);
    return due;
  }

  get #nextLook(): number {
    return this.#time + this.period;
  }

  #look(time: number): void {
    this.#time = time;
    this.#lookedAt = now();
    this.#soon = new Set();
    const nextLook = this.#nextLook;
    for (const vigil of this.vigils) {
      vigil.look(time);
      if (vigil.dueAt < nextLook) this.#soon.add(vigil);
    }
  }

  /** When something that is due is done: not before, and together with what is due at about the same time. */
  #moment(dueAt: number): number {
    const step = this.period / moments;
    return this.#time + Math.ceil((dueAt - this.#time) / step) * step;
  }
}

/** Lets vigils look, from one timer for all of them, which does not keep the program alive. */
export class Sweep {
  readonly #rounds: Map<number, Round> = new Map();
  #timer: Timer | undefined;
  /** When the timer fires. */
  #wakesAt = Infinity;

  /** Adds a vigil that looks once per `period`; `begin` makes it, given the time that it goes by. */
  add(period: number, begin: (now: number) => Vigil): Vigil {
    const round = this.#rounds.get(period) ?? new Round(period);
    this.#rounds.set(period, round);
    const vigil = begin(round.time);
    round.add(vigil);
    this.#arm(round.delay);
    return vigil;
  }

  delete(period: number, vigil: Vigil): void {
    const round = this.#rounds.get(period);
    round?.delete(vigil);
    if (round?.vigils.size === 0) this.#rounds.delete(period);
    if (this.#rounds.size === 0) this.#stop();
  }

  /** Wakes up after so many milliseconds, or earlier if it was going to. */
  #arm(delay: number): void {
    const wakesAt = now() + Math.max(1, delay);
    if (wakesAt >= this.#wakesAt) return;
    this.#stop();
    this.#wakesAt = wakesAt;
    this.#timer = startTimer(Math.max(1, Math.ceil(delay)), false, () => this.#wake());
  }

  #stop(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#wakesAt = Infinity;
  }

  #wake(): void {
    this.#stop();
    for (const round of this.#rounds.values()) {
      const due = round.takeDue();
      if (due.length > 0) this.#act(round, due);
      this.#arm(round.delay);
    }
  }

  #act(round: Round, due: readonly Vigil[]): void {
    const { time } = round;
    // Timers come before input in a turn of the event loop: what has arrived is read first.
    setImmediate(() => {
      for (const vigil of due) {
        if (!round.vigils.has(vigil)) continue;
        vigil.act(time);
        round.expect(vigil);
      }
      if (round.vigils.size > 0) this.#arm(round.delay);
    });
  }
}
