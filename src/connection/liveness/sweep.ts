import { longestDelay } from '../../primitives/checks.js';
import { now, startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import type { Watchdog, WatchdogLimits } from './watchdog.js';

/** A deadline is met within this many milliseconds, or this part of it if that is more. */
const tolerance = { time: 50, part: 0.05 };
/** What a timer and the rest of a turn may take, in milliseconds. */
const slack = 6;
/** The number of moments between two looks at which due actions run. A ping and an end may each wait for the next moment. */
const moments = 32;

/**
 * How often a watchdog with these limits has to look, in milliseconds. The look says when the last byte came, so it is what a
 * deadline may be late by; a ping alone may be late by half of its interval. One of few values, so that watchdogs share groups.
 */
export function sweepPeriod({ interval, timeout, idle }: WatchdogLimits, maxAge: number): number {
  const deadline = Math.min(interval + timeout, idle, maxAge);
  const late = Math.max(tolerance.time, tolerance.part * Math.min(deadline, longestDelay)) - slack;
  const longest = Math.min(late / (1 + 2 / moments), Math.max(tolerance.time, interval / 2));
  const unit = 2 ** Math.floor(Math.log2(longest)) / 8;
  return Math.floor(longest / unit) * unit;
}

/** The watchdogs that look at the same time. */
class SweepGroup {
  readonly period: number;
  readonly watchdogs: Set<Watchdog> = new Set();
  #time = 0;
  #lookedAt = now();
  /** The watchdogs that are due before the next look. */
  #soon: Set<Watchdog> = new Set();

  constructor(period: number) {
    this.period = period;
  }

  /**
   * The clock of the watchdogs, in milliseconds. A look that comes much too late (the event loop was blocked, the process
   * stopped, the host suspended) counts as a little late, since nothing could be read in that time.
   */
  get time(): number {
    return this.#time + Math.min(now() - this.#lookedAt, 2 * this.period);
  }

  /** Milliseconds until the next action or look. */
  get delay(): number {
    const { time } = this;
    let next = this.#nextLook;
    for (const watchdog of this.#soon) next = Math.min(next, this.#moment(watchdog.dueAt));
    return next - time;
  }

  add(watchdog: Watchdog): void {
    this.watchdogs.add(watchdog);
    this.expect(watchdog);
  }

  delete(watchdog: Watchdog): void {
    this.watchdogs.delete(watchdog);
    this.#soon.delete(watchdog);
  }

  /** Remembers a watchdog that has something to do before the next look. */
  expect(watchdog: Watchdog): void {
    if (watchdog.dueAt < this.#nextLook && this.watchdogs.has(watchdog)) this.#soon.add(watchdog);
  }

  /** Looks, if it is time to; takes those that are due. */
  takeDue(): Watchdog[] {
    const { time } = this;
    if (time >= this.#nextLook) this.#look(time);
    const due = [...this.#soon].filter((watchdog) => watchdog.dueAt <= time);
    for (const watchdog of due) this.#soon.delete(watchdog);
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
    for (const watchdog of this.watchdogs) {
      watchdog.look(time);
      if (watchdog.dueAt < nextLook) this.#soon.add(watchdog);
    }
  }

  /** When a due action runs: never early, and together with other actions that are due at about the same time. */
  #moment(dueAt: number): number {
    const step = this.period / moments;
    return this.#time + Math.ceil((dueAt - this.#time) / step) * step;
  }
}

/** Runs the looks of all watchdogs from one timer, which does not keep the process alive. */
export class Sweep {
  readonly #groups: Map<number, SweepGroup> = new Map();
  #timer: Timer | undefined;
  /** When the timer fires. */
  #wakesAt = Infinity;

  /** Adds a watchdog that looks once per `period`. `begin` gets the time of its clock, and makes it. */
  add(period: number, begin: (now: number) => Watchdog): Watchdog {
    const group = this.#groups.get(period) ?? new SweepGroup(period);
    this.#groups.set(period, group);
    const watchdog = begin(group.time);
    group.add(watchdog);
    this.#arm(group.delay);
    return watchdog;
  }

  delete(period: number, watchdog: Watchdog): void {
    const group = this.#groups.get(period);
    group?.delete(watchdog);
    if (group?.watchdogs.size === 0) this.#groups.delete(period);
    if (this.#groups.size === 0) this.#stop();
  }

  /** Wakes up after `delay` milliseconds, or earlier if the timer is set already. */
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
    for (const group of this.#groups.values()) {
      const due = group.takeDue();
      if (due.length > 0) this.#act(group, due);
      this.#arm(group.delay);
    }
  }

  #act(group: SweepGroup, due: readonly Watchdog[]): void {
    const { time } = group;
    // Timers come before input in a turn of the event loop: what has arrived is read first.
    setImmediate(() => {
      for (const watchdog of due) {
        if (!group.watchdogs.has(watchdog)) continue;
        watchdog.act(time);
        group.expect(watchdog);
      }
      if (group.watchdogs.size > 0) this.#arm(group.delay);
    });
  }
}
