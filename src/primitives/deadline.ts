import { now, startTimer, stopTimer, type Timer } from './time.js';

/** As exact as the timers of Node.js, in milliseconds. */
const tolerance = 1;
/** So many more that are over than are not yet are no reason to tidy up. */
const spare = 64;

/**
 * Something to be done unless it is called off before. Thousands of connections may have one each: those of one delay fall
 * due in the order in which they were set, so they share a timer.
 */
export class Deadline {
  readonly moment: number;
  readonly #list: DeadlineList;
  /** Nothing once it is over: done, or called off. */
  #act: (() => void) | undefined;
  #keepsAlive: boolean;

  /** Only for the list that it is in. */
  constructor(list: DeadlineList, moment: number, keepsAlive: boolean, act: () => void) {
    this.#list = list;
    this.moment = moment;
    this.#keepsAlive = keepsAlive;
    this.#act = act;
  }

  get isOver(): boolean {
    return this.#act === undefined;
  }

  /** Calls it off; nothing happens if it is over. */
  cancel(): void {
    if (this.end()) this.#list.cancelled();
  }

  /** Whether the program is to stay alive for it. */
  keepAlive(keepsAlive: boolean): void {
    if (this.isOver || keepsAlive === this.#keepsAlive) return;
    this.#keepsAlive = keepsAlive;
    this.#list.count(0, keepsAlive ? 1 : -1);
  }

  /** It is over; gives what was to be done. */
  end(): (() => void) | undefined {
    const act = this.#act;
    this.#act = undefined;
    if (act) this.#list.count(-1, this.#keepsAlive ? -1 : 0);
    return act;
  }
}

/** All deadlines of one delay. */
class DeadlineList {
  readonly #delay: number;
  readonly #ended: () => void;
  #entries: Deadline[] = [];
  /** All before this place are over. */
  #front = 0;
  /** How many are not over, and how many of those keep the program alive. */
  #pending = 0;
  #keepAlive = 0;
  #timer: Timer | undefined;
  #isRinging = false;

  /** `ended` is called when no deadline is left, after which none may be added. */
  constructor(delay: number, ended: () => void) {
    this.#delay = delay;
    this.#ended = ended;
  }

  add(keepsAlive: boolean, act: () => void): Deadline {
    const deadline = new Deadline(this, now() + this.#delay, keepsAlive, act);
    this.#entries.push(deadline);
    this.count(1, keepsAlive ? 1 : 0);
    if (!this.#timer) this.#arm();
    return deadline;
  }

  count(pending: number, keepAlive: number): void {
    const keptAlive = this.#keepAlive > 0;
    this.#pending += pending;
    this.#keepAlive += keepAlive;
    if (this.#keepAlive > 0 === keptAlive) return;
    if (keptAlive) this.#timer?.unref();
    else this.#timer?.ref();
  }

  cancelled(): void {
    if (this.#isRinging) return;
    if (this.#pending === 0) this.#end();
    else if (this.#entries.length > 2 * this.#pending + spare) this.#tidyUp();
  }

  /** Nothing is left: the next one begins a list of its own. */
  #end(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#ended();
  }

  #arm(): void {
    const first = this.#first();
    if (!first) return;
    const delay = Math.max(0, Math.ceil(first.moment - now()));
    this.#timer = startTimer(delay, this.#keepAlive > 0, () => this.#ring());
  }

  #ring(): void {
    this.#timer = undefined;
    this.#isRinging = true;
    const moment = now();
    try {
      // Not those that are set meanwhile: with a delay of 0 that might never end.
      for (let left = this.#pending; left > 0; left -= 1) {
        const first = this.#first();
        if (!first || first.moment - moment >= tolerance) return;
        first.end()?.();
      }
    } finally {
      this.#isRinging = false;
      if (this.#pending === 0) this.#end();
      else if (!this.#timer) this.#arm();
    }
  }

  #first(): Deadline | undefined {
    while (this.#entries[this.#front]?.isOver) this.#front += 1;
    return this.#entries[this.#front];
  }

  #tidyUp(): void {
    this.#first();
    // Most are over in the order in which they were set.
    const rest = this.#entries.slice(this.#front);
    const hasGaps = rest.length > 2 * this.#pending;
    this.#entries = hasGaps ? rest.filter((deadline) => !deadline.isOver) : rest;
    this.#front = 0;
  }
}

/** Deadlines of any delay. */
export class Deadlines {
  readonly #lists: Map<number, DeadlineList> = new Map();

  /** Calls `act` after `delay` milliseconds, unless the deadline is cancelled. */
  set(delay: number, keepsAlive: boolean, act: () => void): Deadline {
    let list = this.#lists.get(delay);
    if (!list) {
      list = new DeadlineList(delay, () => this.#lists.delete(delay));
      this.#lists.set(delay, list);
    }
    return list.add(keepsAlive, act);
  }
}
