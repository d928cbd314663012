import { expect, vi } from 'vitest';
import { constant, exponential, type Backoff } from '../../src/index.js';
import type { Gate } from '../../src/gate/gate.js';
import { GateTimer } from '../../src/gate/gate-timer.js';
import { newGate, ScriptedRequester } from './scripted-requester.js';

/** Longer than any wait of these backoffs, and any trial: if a requester waits, one dials within that time. */
export const longestWait = 1_020;

/** What the user's own backoffs throw. */
const ofBackoff = new Error('no idea');

type Urgency = 'urgent' | 'new' | 'normal';

/** Requesters at one gate, and what must always hold, in books of its own. */
export class World {
  readonly gate: Gate;
  readonly all: ScriptedRequester[] = [];
  /** What code of the user's does when the gate next calls it. */
  readonly mischief: (() => void)[] = [];
  readonly #widest: number;
  readonly #queue: Readonly<Record<Urgency, ScriptedRequester[]>> = { urgent: [], new: [], normal: [] };
  readonly #timers = vi.spyOn(GateTimer.prototype, 'set');
  readonly #backoffs: readonly (() => Backoff)[];
  /** Whether owners have been in trouble of their own: then turns have another order. */
  #hadOwnTrouble = false;
  /** Since it has failed, or lost the last life, with no success since. */
  #isShut = false;

  constructor(widest: number) {
    this.#widest = widest;
    this.gate = newGate(widest);
    this.#backoffs = [
      () => constant(50),
      () => exponential({ initial: 40, max: 500, random: () => 0.5 }),
      () => this.#ownBackoff(1),
      (): Backoff => {
        throw ofBackoff;
      },
    ];
  }

  in(...places: readonly ScriptedRequester['where'][]): ScriptedRequester[] {
    return this.all.filter(({ where }) => places.includes(where));
  }

  add(kind: number, stableAfter: number): ScriptedRequester {
    const firstBackoff = this.#backoffs[kind % this.#backoffs.length] as () => Backoff;
    const requester = new ScriptedRequester(this.gate, { firstBackoff, stableAfter });
    requester.onDial = () => this.#dials(requester);
    this.all.push(requester);
    return requester;
  }

  arrive(requester: ScriptedRequester): void {
    const isGood = this.gate.report.state !== 'probing';
    this.#queue[isGood ? 'new' : 'normal'].push(requester);
    requester.arrive();
  }

  enter(requester: ScriptedRequester, isUrgent: boolean): void {
    if (requester.where === 'closed') return;
    this.#queue[isUrgent ? 'urgent' : 'normal'].push(requester);
    requester.enter(isUrgent);
  }

  makeUrgent(requester: ScriptedRequester): void {
    if (!this.#queue.urgent.includes(requester)) {
      this.#leaves(requester);
      this.#queue.urgent.push(requester);
    }
    requester.makeUrgent();
  }

  leave(requester: ScriptedRequester): void {
    this.#leaves(requester);
    requester.leave();
  }

  disconnect(requester: ScriptedRequester): void {
    this.#leaves(requester);
    requester.disconnect();
  }

  succeed(requester: ScriptedRequester): void {
    this.#isShut = false;
    requester.succeed();
  }

  /** Whoever fails comes back as if from elsewhere: at once, or to wait for its turn, or not at all. */
  fail(requester: ScriptedRequester, then: 'urgent' | 'normal' | 'outside'): void {
    requester.failOver();
    this.#mayHaveShut(requester);
    if (then !== 'outside') this.enter(requester, then === 'urgent');
  }

  lose(requester: ScriptedRequester, endedBy: 'endpoint' | 'owner'): void {
    if (endedBy === 'owner') this.#hadOwnTrouble = true;
    requester.loseOver(endedBy);
    if (endedBy === 'endpoint') this.#mayHaveShut(requester);
    this.enter(requester, false);
  }

  /** What holds whenever the gate is not at work. */
  check(): void {
    const waiting = this.in('waiting');
    const dialling = this.in('dialling');
    const { report } = this.gate;
    expect(waiting.length, 'all who wait are in line').toBe(this.#inQueue().length);
    expect([report.waiting, report.dialling]).toEqual([waiting.length, dialling.length]);
    if (waiting.length === 0) expect(vi.getTimerCount(), 'timers').toBe(0);
    else if (!this.#hadOwnTrouble) expect(vi.getTimerCount(), 'timers').toBe(1);
    else expect(vi.getTimerCount(), 'timers').toBeLessThanOrEqual(1 + waiting.length);
    expect(report.window).toBeLessThanOrEqual(this.#widest);
    for (const { errors } of this.all) expect(errors.filter((error) => error !== ofBackoff)).toEqual([]);
    if (waiting.length === 0) return;
    const { calls, contexts } = this.#timers.mock;
    // The gate sets its timer before any owner does.
    const last = contexts.lastIndexOf(contexts[0] as GateTimer);
    const keepsAlive = calls[last]?.[1];
    expect(keepsAlive, 'keeps the process alive').toBe(waiting.some(({ isReferenced }) => isReferenced));
  }

  /** Lets time pass. If it is long and no dial is in flight, one of those who wait has to dial. */
  pass(milliseconds: number): void {
    const isDue =
      milliseconds >= longestWait && this.in('waiting').length > 0 && this.in('dialling').length === 0;
    const dials = this.#dialled();
    vi.advanceTimersByTime(milliseconds);
    if (isDue && this.in('waiting').length > 0) expect(this.#dialled(), 'dials').toBeGreaterThan(dials);
  }

  /** All dials succeed from now on, and all lives last: every requester comes up. */
  settle(): void {
    this.mischief.length = 0;
    for (let round = 0; round < 1_000 && this.in('waiting', 'dialling').length > 0; round += 1) {
      for (const requester of this.in('dialling')) this.succeed(requester);
      this.check();
      this.pass(this.in('waiting').length > 0 ? 20 : 0);
    }
    expect(this.in('waiting', 'dialling')).toEqual([]);
    this.check();
  }

  /** A dial or a life has ended, unless the requester's backoff has disconnected it before. */
  #mayHaveShut({ where }: ScriptedRequester): void {
    if (where === 'outside' && this.in('alive').length === 0) this.#isShut = true;
  }

  #dialled(): number {
    return this.all.reduce((sum, { dials }) => sum + dials, 0);
  }

  #inQueue(): ScriptedRequester[] {
    return [...this.#queue.urgent, ...this.#queue.new, ...this.#queue.normal];
  }

  #leaves(requester: ScriptedRequester): void {
    for (const queue of Object.values(this.#queue)) {
      const at = queue.indexOf(requester);
      if (at >= 0) queue.splice(at, 1);
    }
  }

  #dials(requester: ScriptedRequester): void {
    const wanted = [...this.#queue.new, ...this.#queue.normal].find(({ isWanted }) => isWanted);
    const heads = Object.values(this.#queue).map(([first]) => first);
    if (!this.#hadOwnTrouble) expect([...heads, wanted], 'whose turn it is').toContain(requester);
    const others = this.in('dialling').length - 1;
    expect(others, 'dials in flight').toBeLessThan(this.#widest);
    if (this.#isShut) expect(others, 'other probes').toBe(0);
    this.#leaves(requester);
    this.#runMischief();
  }

  /** Runs inside of the gate, as code of the user's may. */
  #runMischief(): void {
    const actions = this.mischief.splice(0);
    for (const act of actions) act();
  }

  #ownBackoff(step: number): Backoff {
    const runMischief = (): void => this.#runMischief();
    return {
      get delay() {
        runMischief();
        return step * 60;
      },
      next: () => {
        runMischief();
        if (step === 4) throw ofBackoff;
        return this.#ownBackoff(step + 1);
      },
    };
  }
}
