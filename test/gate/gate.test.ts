import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { exponential, type Backoff } from '../../src/index.js';
import { useFakeTime } from '../support/fake-time.js';
import { allTold, newGate, pass, type ScriptedOptions, ScriptedRequester } from './scripted-requester.js';
import type { Gate } from '../../src/gate/gate.js';

/** A backoff of 100 ms, 200 ms and so on. */
const steps = (count = 1): Backoff => ({ delay: count * 100, next: () => steps(count + 1) });
const options = { firstBackoff: () => steps(), stableAfter: 1_000 };

function requesters(gate: Gate, count: number, of: ScriptedOptions = options): ScriptedRequester[] {
  return Array.from({ length: count }, () => new ScriptedRequester(gate, of));
}

/** Those of them whose turn has come. */
function dialling(all: readonly ScriptedRequester[]): ScriptedRequester[] {
  return all.filter(({ where }) => where === 'dialling');
}

/** Lets time pass until the gate lets a requester dial: says which, and after how long. */
function nextTurn(all: readonly ScriptedRequester[]): [ScriptedRequester, number] {
  const start = performance.now();
  while (dialling(all).length === 0 && performance.now() - start < 100_000) pass(1);
  const [first, ...others] = dialling(all);
  if (!first) throw new Error('there was no turn');
  expect(others, 'one at a time').toEqual([]);
  return [first, Math.round(performance.now() - start)];
}

/** Lets all of them dial and succeed, and live for as long as it takes to be stable. */
function bringUp(all: readonly ScriptedRequester[]): void {
  for (const each of all) each.arrive();
  while (all.some(({ where }) => where !== 'alive')) {
    for (const each of dialling(all)) each.succeed();
    pass(1);
  }
  pass(1_000);
}

/** Has the endpoint lose what it accepts, until it is known for that. */
function flap(all: readonly ScriptedRequester[]): void {
  for (const each of all) each.arrive();
  for (let round = 0; round < 2; round += 1) {
    const [each] = nextTurn(all);
    each.succeed();
    each.lose();
  }
}

beforeEach(useFakeTime);
afterEach(() => void vi.useRealTimers());

describe('an endpoint that flaps', () => {
  test('is told of to those who wait there, each time from the second early loss on', async () => {
    const all = requesters(newGate(), 3);
    for (const each of all) each.arrive();
    const [first] = nextTurn(all);
    first.succeed();
    first.lose();
    await allTold();
    expect(
      all.map(({ flaps }) => flaps),
      'one loss is no flapping',
    ).toEqual([0, 0, 0]);
    const [second] = nextTurn(all);
    second.succeed();
    second.lose();
    expect(
      all.map(({ flaps }) => flaps),
      'in the middle of it',
    ).toEqual([0, 0, 0]);
    await allTold();
    const others = all.filter((each) => each !== second);
    expect(others.map(({ flaps }) => flaps)).toEqual([1, 1]);
    const [third] = nextTurn(all);
    third.succeed();
    third.lose();
    await allTold();
    expect(others.map((each) => each.flaps)).toEqual(others.map((each) => (each === third ? 1 : 2)));
  });

  test('is not told of to those who wait there no more', async () => {
    const all = requesters(newGate(), 4);
    for (const each of all) each.arrive();
    const [first] = nextTurn(all);
    first.succeed();
    first.lose();
    const [second] = nextTurn(all);
    second.succeed();
    second.loseOver('endpoint');
    const [left, stays] = all.filter(({ where }) => where === 'waiting') as [
      ScriptedRequester,
      ScriptedRequester,
    ];
    left.leave();
    await allTold();
    expect([left.flaps, stays.flaps]).toEqual([0, 1]);
  });

  test('is not believed because another life was lost in the meantime', () => {
    const all = requesters(newGate(), 5);
    flap(all);
    const [onTrial] = nextTurn(all);
    onTrial.succeed();
    const [urgent] = all.filter(({ where }) => where === 'waiting') as [ScriptedRequester];
    urgent.makeUrgent();
    pass(12);
    expect(urgent.where).toBe('dialling');
    urgent.succeed();
    pass(50);
    urgent.lose();
    pass(900);
    expect(dialling(all), 'before a life was stable').toEqual([]);
    pass(1_000);
    expect(dialling(all).length).toBeGreaterThan(0);
  });

  test('is believed when the first life was stable, although others began later', () => {
    const all = requesters(newGate(), 5);
    flap(all);
    const [onTrial] = nextTurn(all);
    onTrial.succeed();
    pass(900);
    const [urgent] = all.filter(({ where }) => where === 'waiting') as [ScriptedRequester];
    urgent.makeUrgent();
    pass(12);
    expect(urgent.where).toBe('dialling');
    urgent.succeed();
    pass(100);
    expect(dialling(all).length).toBeGreaterThan(0);
  });

  test('is believed when a life was stable, although there was no event in the meantime', () => {
    const all = requesters(newGate(), 3);
    flap(all);
    const [onTrial] = nextTurn(all);
    onTrial.succeed();
    pass(900);
    const [urgent, other] = all.filter(({ where }) => where === 'waiting') as [
      ScriptedRequester,
      ScriptedRequester,
    ];
    urgent.makeUrgent();
    pass(12);
    expect(urgent.where).toBe('dialling');
    other.leave();
    pass(200);
    urgent.succeed();
    other.enter();
    pass(12);
    expect(other.where).toBe('dialling');
  });
});

describe('an endpoint on trial', () => {
  test('is tried again at once when a disconnect has ended the trial', () => {
    const all = requesters(newGate(), 4);
    flap(all);
    const [onTrial] = nextTurn(all);
    onTrial.succeed();
    pass(100);
    onTrial.disconnect();
    const [next, wait] = nextTurn(all);
    expect(wait).toBeLessThanOrEqual(12);
    next.succeed();
    pass(900);
    expect(dialling(all), 'still on trial').toEqual([]);
  });

  test('has waits that grow while it goes on losing what it accepts', () => {
    const all = requesters(newGate(), 4);
    flap(all);
    const waits = [1, 2, 3].map(() => {
      const [each] = nextTurn(all);
      each.succeed();
      return each.lose();
    });
    expect(waits).toEqual([300, 400, 500]);
  });
});

describe('an endpoint that has lost its last connection early', () => {
  /** One that is connected for so long and loses that; how many dial as soon as the next one has succeeded. */
  function dialsAfterNext(all: readonly ScriptedRequester[], uptime: number): number {
    const [one] = nextTurn(all);
    one.succeed();
    pass(uptime);
    for (const each of dialling(all)) each.disconnect();
    one.lose();
    nextTurn(all)[0].succeed();
    pass(45);
    return dialling(all).length;
  }

  function arrived(count: number): readonly ScriptedRequester[] {
    const all = requesters(newGate(), count);
    for (const each of all) each.arrive();
    return all;
  }

  test.each([0, 10, 499, 501, 999])('is not said to flap the first time, after %i ms', (uptime) => {
    expect(dialsAfterNext(arrived(9), uptime)).toBeGreaterThan(0);
  });

  test('is used by the others only when the next life has lasted for a moment', () => {
    const all = arrived(3);
    const [one] = nextTurn(all);
    one.succeed();
    one.lose();
    nextTurn(all)[0].succeed();
    pass(25);
    expect(dialling(all)).toEqual([]);
    pass(10);
    expect(dialling(all).length).toBeGreaterThan(0);
  });

  test('is said to flap the second time, unless a dial has failed since', () => {
    for (const fails of [false, true]) {
      const all = arrived(9);
      const [one] = nextTurn(all);
      one.succeed();
      pass(600);
      for (const each of dialling(all)) each.disconnect();
      one.lose();
      if (fails) nextTurn(all)[0].fail();
      const dials = dialsAfterNext(all, 600);
      expect(dials > 0, `a dial has failed: ${fails}`).toBe(fails);
    }
  });
});

describe('the shared backoff', () => {
  test('draws one wait for all who are lost together', () => {
    const all = requesters(newGate(), 5);
    bringUp(all);
    expect(all.map((each) => each.lose())).toEqual([100, undefined, undefined, undefined, undefined]);
    expect(nextTurn(all)[1]).toBe(100);
  });

  test('goes back when a dial has succeeded, but for lives that were lost early', () => {
    const all = requesters(newGate(), 3);
    for (const each of all) each.arrive();
    const first = nextTurn(all)[0].fail();
    const second = nextTurn(all)[0].fail();
    expect([first, second]).toEqual([100, 200]);
    const [lost] = nextTurn(all);
    lost.succeed();
    expect(lost.lose()).toBe(100);
    expect(nextTurn(all)[0].fail()).toBe(200);
  });

  test('grows while dials fail, although there are connections that go on', () => {
    const all = requesters(newGate(), 5);
    bringUp(all);
    const [lost] = all as [ScriptedRequester];
    lost.lose();
    const waits = Array.from({ length: 4 }, () => nextTurn([lost])[0].fail());
    expect(waits).toEqual([100, 200, 300, 400]);
  });

  test('does not start over when a life from before the outage ends in it', () => {
    const all = requesters(newGate(), 3);
    bringUp(all);
    const [first, second, third] = all as [ScriptedRequester, ScriptedRequester, ScriptedRequester];
    first.lose();
    expect(nextTurn(all)[0].fail()).toBe(100);
    second.lose();
    expect(nextTurn(all)[0].fail()).toBe(200);
    third.disconnect();
    expect(nextTurn(all)[0].fail()).toBe(300);
  });

  test('is the shortest of those who wait, where their options differ', () => {
    const gate = newGate();
    const kinds = [
      () => exponential({ initial: 1_000, random: () => 0.5 }),
      () => exponential({ initial: 400, random: () => 0.5 }),
    ] as const;
    const all = kinds.map((firstBackoff) => new ScriptedRequester(gate, { firstBackoff }).arrive());
    expect(nextTurn(all)[0].fail()).toBe(200);
  });
});

test('requesters that a caller waits for do not keep the turn from others', () => {
  const all = requesters(newGate(), 4);
  const [first] = all as [ScriptedRequester];
  first.isWanted = true;
  for (const each of all) each.arrive();
  const turns = Array.from({ length: 7 }, () => {
    const [each] = nextTurn(all);
    each.fail();
    return all.indexOf(each);
  });
  expect(turns).toEqual([0, 0, 1, 0, 2, 0, 3]);
});

test('one dial at a time does not wait where only some of them fail', () => {
  const all = requesters(newGate(1), 3);
  for (const each of all) each.arrive();
  nextTurn(all)[0].succeed();
  const [failed] = nextTurn(all);
  expect(failed.fail()).toBeUndefined();
  expect(nextTurn(all)[1]).toBeLessThanOrEqual(2);
});

test('a gate is shut as long as others find out whether that is over, or it is too early to', () => {
  const gate = newGate();
  const [only] = requesters(gate, 1) as [ScriptedRequester];
  expect(gate.isShut).toBe(false);
  only.arrive();
  expect(gate.isShut, 'nothing is known').toBe(false);
  only.fail();
  only.leave();
  expect(gate.isShut, 'too early').toBe(true);
  pass(100);
  expect(gate.isShut, 'a probe is due').toBe(false);
  only.enter();
  expect(gate.isShut, 'a probe is queued').toBe(true);
  pass(2);
  expect([only.where, gate.isShut]).toEqual(['dialling', true]);
  only.succeed();
  expect(gate.isShut).toBe(false);
});

test('a failure is told of to those who wait, unless they leave', async () => {
  const all = requesters(newGate(), 4);
  for (const each of all) each.arrive();
  const [first, second, third, fourth] = all as [
    ScriptedRequester,
    ScriptedRequester,
    ScriptedRequester,
    ScriptedRequester,
  ];
  first.fail();
  second.leave();
  third.disconnect();
  await allTold();
  expect([first, second, third, fourth].map(({ failuresElsewhere }) => failuresElsewhere)).toEqual([
    0, 0, 0, 1,
  ]);
});
