import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { constant, exponential } from '../../src/index.js';
import type { Gate } from '../../src/gate/gate.js';
import { useFakeTime } from '../support/fake-time.js';
import { perRing } from '../support/per-ring.js';
import { newGate, ScriptedRequester } from './scripted-requester.js';

/** What comes of a dial: of its handshake and life, if it has any. */
type Fate =
  | 'stays'
  | 'is refused'
  | 'has bad options'
  | 'has a bad certificate'
  | 'destroys'
  | 'ends as planned'
  | 'is lost'
  | 'fails';

/** The classes of requesters that take turns, and the longest time from one batch of dials to the next. */
const classes = 3;
const longestInterval = 6;

/** How long a dial takes, and then a life that does not stay, in milliseconds. */
const dialTime = 1;
const lifeTime = 3;
const goodMax = 100;
/** A turn of another at each place where one is possible: a dial, the interval of a window of one, and a moment on trial. */
const slack = 60;

/** A connection that does what its owner's fate is, again and again. */
class Actor {
  readonly requester: ScriptedRequester;
  readonly #gate: Gate;
  readonly #fate: () => Fate;
  readonly #isPushy: boolean;
  /** Since when it waits. */
  since: number | undefined;
  longest = 0;

  constructor(gate: Gate, requester: ScriptedRequester, fate: () => Fate, isPushy: boolean) {
    this.#gate = gate;
    this.requester = requester;
    this.#fate = fate;
    this.#isPushy = isPushy;
    requester.onDial = () => this.#dials();
    this.since = performance.now();
  }

  get wait(): number {
    return this.since === undefined ? this.longest : Math.max(this.longest, performance.now() - this.since);
  }

  /** Its life is lost, if it has one. */
  lose(): void {
    if (this.requester.where !== 'alive') return;
    this.requester.lose();
    this.since = performance.now();
  }

  #dials(): void {
    this.longest = this.wait;
    this.since = undefined;
    setTimeout(() => this.#ends(this.#fate()), dialTime);
  }

  #ends(fate: Fate): void {
    const { requester } = this;
    if (fate === 'fails') requester.fail();
    else if (fate === 'has bad options') requester.fail('options');
    else if (fate === 'has a bad certificate') requester.fail('answer');
    else {
      requester.connect();
      if (fate !== 'is refused') requester.shakeHands();
      if (fate !== 'stays') setTimeout(() => this.#dies(fate), lifeTime);
      return;
    }
    this.#waits();
  }

  #dies(fate: Fate): void {
    const { requester } = this;
    if (fate === 'is refused') requester.refuse();
    else if (fate === 'destroys') requester.lose('owner');
    else if (fate === 'is lost') requester.lose();
    else {
      requester.loseOver('planned');
      requester.where = 'waiting';
      this.#gate.enterPlanned(requester, 50 - lifeTime);
    }
    this.#waits();
  }

  #waits(): void {
    this.since = performance.now();
    if (this.#isPushy) this.requester.makeUrgent();
  }
}

interface Kind {
  readonly fate: Fate;
  readonly count: number;
  readonly isPool: boolean;
  readonly isPushy: boolean;
  readonly isWanted: boolean;
  readonly wait: number;
  readonly stableAfter: number;
}

const ownFates = [
  'stays',
  'is refused',
  'has bad options',
  'has a bad certificate',
  'destroys',
  'ends as planned',
] as const;

function kinds(fates: readonly Fate[]): fc.Arbitrary<Kind[]> {
  const kind = fc.record({
    fate: fc.constantFrom(...fates),
    count: fc.constantFrom(1, 2, 8),
    isPool: fc.boolean(),
    isPushy: fc.boolean(),
    isWanted: fc.boolean(),
    wait: fc.constantFrom(4, 300, 60_000),
    stableAfter: fc.constantFrom(0, 100, 5_000, 60_000),
  });
  return fc.array(kind, { minLength: 1, maxLength: 4 });
}

function actors(gate: Gate, { count, ...kind }: Kind): Actor[] {
  const owner = {};
  const options = { firstBackoff: () => constant(kind.wait), stableAfter: kind.stableAfter };
  return Array.from({ length: count }, () => {
    const requester = new ScriptedRequester(gate, options, kind.isPool ? owner : undefined);
    requester.isWanted = kind.isWanted;
    const actor = new Actor(gate, requester, () => kind.fate, kind.isPushy);
    requester.arrive();
    return actor;
  });
}

const firstBackoff = () => exponential({ initial: 20, max: goodMax, random: () => 0.9 });

function goodOnes(gate: Gate, count: number): Actor[] {
  const owner = {};
  return Array.from({ length: count }, () => {
    const requester = new ScriptedRequester(gate, { firstBackoff, stableAfter: goodMax }, owner);
    const actor = new Actor(gate, requester, () => 'stays', false);
    requester.arrive();
    return actor;
  });
}

/** Lets time pass, with what waits for the end of a turn in between. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 10) {
    vi.advanceTimersByTime(Math.min(10, milliseconds - passed));
    // oxlint-disable-next-line no-await-in-loop
    await new Promise<void>((resolve) => process.nextTick(resolve));
  }
}

const losses = fc.array(fc.constantFrom(20, 150, 700), { maxLength: 4 });

beforeEach(useFakeTime);
afterEach(() => void vi.useRealTimers());

test('no wait of an owner exceeds the longest of its backoff for what others do in their own ways', async () => {
  const scene = fc.record({
    widest: fc.constantFrom(1, 2, 16, 256),
    all: kinds(ownFates),
    good: fc.constantFrom(1, 4),
    losses,
  });
  await fc.assert(
    fc.asyncProperty(scene, async ({ widest, all, good, losses: times }) => {
      vi.clearAllTimers();
      const gate = newGate(widest);
      for (const kind of all) actors(gate, kind);
      const own = goodOnes(gate, good);
      // Everybody may have a dial in flight at the beginning, and takes its turn.
      const beside = all.reduce((sum, { count, isPool }) => sum + (isPool ? 1 : count), 0);
      const bound = goodMax + slack + (good + beside) * classes * (dialTime + longestInterval);
      for (const time of times) {
        await pass(time);
        expect(Math.max(...own.map(({ wait }) => wait))).toBeLessThanOrEqual(bound);
        for (const each of own) each.lose();
      }
      await pass(bound);
      expect(own.map(({ requester }) => requester.where)).toEqual(own.map(() => 'alive'));
    }),
    { numRuns: perRing({ short: 12, soak: 80, night: 200 }) },
  );
});

test('no owner starves, and no endpoint is left alone for longer than an owner that waits would leave it', async () => {
  const scene = fc.record({
    widest: fc.constantFrom(1, 2, 256),
    all: kinds([...ownFates, 'is lost', 'fails']),
    good: fc.constantFrom(1, 4),
  });
  await fc.assert(
    fc.asyncProperty(scene, async ({ widest, all, good }) => {
      vi.clearAllTimers();
      const gate = newGate(widest);
      const others = all.flatMap((kind) => actors(gate, kind));
      const own = goodOnes(gate, good);
      const beside = all.reduce((sum, { count, isPool }) => sum + (isPool ? 1 : count), 0);
      // Each turn of others may cost one wait, and one trial.
      const bound = classes * (beside + good + 1) * (goodMax + slack);
      let last = performance.now();
      let dials = 0;
      for (let passed = 0; passed < 2 * bound; passed += 10) {
        await pass(10);
        const sum = [...own, ...others].reduce((total, { requester }) => total + requester.dials, 0);
        if (sum > dials || own.every(({ since }) => since === undefined)) last = performance.now();
        dials = sum;
        expect(performance.now() - last, 'without any dial').toBeLessThanOrEqual(goodMax + slack);
        expect(Math.max(...own.map(({ wait }) => wait)), 'until the turn').toBeLessThanOrEqual(bound);
        if (passed % 500 === 0) for (const each of own) each.lose();
      }
    }),
    { numRuns: perRing({ short: 4, soak: 15, night: 40 }) },
  );
});
