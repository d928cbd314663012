import { longestDelay } from '../primitives/checks.js';
import { now, startTimer, stopTimer, type Timer } from '../primitives/time.js';
import type { Vigil, VigilLimits } from './vigil.js';

/** A deadline is met within this many milliseconds, or this part of it if that is more. */
const tolerance = { time: 50, part: 0.05 };
/** By how many periods a ping may be late: one of the last byte, one of the ping; and something for the timer. */
const lagOfPing = 2.5;
/** The end comes one more period late. */
const lagOfEnd = 3.5;

/** How often a vigil with these limits has to look, in milliseconds: one of few values, so that vigils share their rounds. */
export function sweepPeriod({ interval, timeout, idle }: VigilLimits, maxAge: number): number {
  const toleranceOf = (deadline: number): number =>
    Math.max(tolerance.time, tolerance.part * Math.min(deadline, longestDelay));
  const end = Math.min(interval + timeout, idle, maxAge);
  const longest = Math.min(toleranceOf(interval) / lagOfPing, toleranceOf(end) / lagOfEnd);
  const power = 2 ** Math.floor(Math.log2(longest));
  return power * 1.5 <= longest ? power * 1.5 : power;
}

/** The vigils that look at the same time. */
class Round {
  readonly period: number;
  readonly vigils: Set<Vigil> = new Set();
  #time = 0;
  #sweptAt = now();

  constructor(period: number) {
    this.period = period;
  }

  get dueAt(): number {
    return this.#sweptAt + this.period;
  }

  /**
   * The time that vigils go by, in milliseconds. A sweep that comes much too late (the event loop was blocked, the
   * program stopped, the host suspended) counts as a little late: meanwhile nobody could read.
   */
  get time(): number {
    return this.#time + Math.min(now() - this.#sweptAt, 2 * this.period);
  }

  /** Lets every vigil look; says which of them have something to do. */
  sweep(): Vigil[] {
    this.#time = this.time;
    this.#sweptAt = now();
    const due: Vigil[] = [];
    for (const vigil of this.vigils) if (vigil.look(this.#time)) due.push(vigil);
    return due;
  }
}

/** Lets vigils look, from one timer for all of them, which does not keep the program alive. */
export class Sweep {
  readonly #rounds: Map<number, Round> = new Map();
  #timer: Timer | undefined;

  /** Adds a vigil that looks once per `period`; `begin` makes it, given the time that it goes by. */
  add(period: number, begin: (now: number) => Vigil): Vigil {
    let round = this.#rounds.get(period);
    if (!round) {
      round = new Round(period);
      this.#rounds.set(period, round);
      // Its turn may be the next.
      this.#stop();
    }
    const vigil = begin(round.time);
    round.vigils.add(vigil);
    this.#arm();
    return vigil;
  }

  delete(period: number, vigil: Vigil): void {
    const round = this.#rounds.get(period);
    round?.vigils.delete(vigil);
    if (round?.vigils.size === 0) this.#rounds.delete(period);
    if (this.#rounds.size === 0) this.#stop();
  }

  #arm(): void {
    if (this.#timer || this.#rounds.size === 0) return;
    const dueAt = Math.min(...[...this.#rounds.values()].map((round) => round.dueAt));
    this.#timer = startTimer(Math.max(1, dueAt - now()), false, () => this.#sweep());
  }

  #stop(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    this.#timer = undefined;
    const at = now();
    for (const round of this.#rounds.values()) if (round.dueAt <= at + 1) this.#sweepRound(round);
    this.#arm();
  }

  #sweepRound(round: Round): void {
    const due = round.sweep();
    if (due.length === 0) return;
    const { time } = round;
    // Timers come before input in a turn of the event loop: what has arrived is read first.
    setImmediate(() => {
      for (const vigil of due) if (round.vigils.has(vigil)) vigil.act(time);
    });
  }
}
