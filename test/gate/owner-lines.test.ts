import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { constant, type Backoff } from '../../src/index.js';
import type { Gate } from '../../src/gate/gate.js';
import { useFakeTime } from '../support/fake-time.js';
import { allTold, newGate, pass, ScriptedRequester } from './scripted-requester.js';

const steps = (count = 1): Backoff => ({ delay: count * 100, next: () => steps(count + 1) });
const options = { firstBackoff: () => steps(), stableAfter: 1_000 };

function poolOf(gate: Gate, count: number): ScriptedRequester[] {
  const owner = {};
  return Array.from({ length: count }, () => new ScriptedRequester(gate, options, owner).arrive());
}

function alone(gate: Gate, of = options): ScriptedRequester {
  return new ScriptedRequester(gate, of).arrive();
}

function dialling(all: readonly ScriptedRequester[]): number {
  return all.filter(({ where }) => where === 'dialling').length;
}

beforeEach(useFakeTime);
afterEach(() => void vi.useRealTimers());

describe('a handshake that is refused', () => {
  test('makes its owner wait by a backoff of its own, which grows', () => {
    const gate = newGate();
    const bad = alone(gate);
    const waits = [1, 2, 3].map(() => {
      bad.connect();
      const wait = bad.refuse();
      pass(500);
      expect(bad.where).toBe('dialling');
      return wait;
    });
    expect(waits).toEqual([100, 200, 300]);
    expect(gate.refusedInRow(bad)).toBe(3);
    bad.succeed();
    expect(gate.refusedInRow(bad), 'a handshake that is done').toBe(0);
    bad.loseOver('endpoint');
    bad.enter();
    pass(500);
    bad.connect();
    expect(bad.refuse(), 'the failures are forgotten').toBe(100);
  });

  test('is nothing to others, whatever they wait for', () => {
    const gate = newGate();
    const bad = alone(gate);
    const other = alone(gate);
    bad.connect();
    bad.refuse();
    expect(gate.report).toMatchObject({ state: 'opening', waiting: 2 });
    pass(6);
    expect([bad.where, other.where]).toEqual(['waiting', 'dialling']);
    other.succeed();
    expect(gate.report).toMatchObject({ state: 'up', waiting: 1 });
    expect(alone(gate).where, 'although one waits').toBe('dialling');
  });

  test('parks the others of a pool, which take turns', async () => {
    const gate = newGate();
    const pool = poolOf(gate, 3);
    const told: unknown[] = [];
    const turns = [1, 2, 3, 4].map(() => {
      pass(500);
      expect(dialling(pool)).toBe(1);
      const each = pool.find(({ where }) => where === 'dialling') as ScriptedRequester;
      each.connect();
      gate.tellOwner(each, (other) => told.push(other));
      each.refuse();
      return pool.indexOf(each);
    });
    expect(turns).toEqual([0, 1, 2, 0]);
    expect(gate.refusedInRow(pool[1] as ScriptedRequester)).toBe(4);
    expect(told).toEqual([]);
    await allTold();
    expect(told.length).toBeGreaterThanOrEqual(8);
  });

  test('that waits keeps the process alive, if it is to', () => {
    const gate = newGate();
    const bad = alone(gate);
    bad.connect();
    bad.refuse();
    bad.reference(false);
    bad.reference(true);
    bad.makeUrgent();
    pass(2);
    expect(bad.where, 'reconnectNow() skips the wait').toBe('dialling');
  });

  test('is forgotten with the connection', () => {
    const gate = newGate();
    const bad = alone(gate);
    bad.connect();
    bad.refuse();
    bad.disconnect();
    expect(gate.refusedInRow(bad)).toBe(0);
    expect([gate.report.waiting, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('a pool', () => {
  test('has one dial until its first handshake is done, and then a window of 16', () => {
    const gate = newGate();
    const pool = poolOf(gate, 40);
    const other = alone(gate);
    pool[0]?.connect();
    pass(50);
    expect([dialling(pool), other.where]).toEqual([0, 'dialling']);
    pool[0]?.shakeHands();
    other.succeed();
    pass(6);
    expect(dialling(pool)).toBe(16);
  });

  test('goes on with the next when the first is disconnected in its handshake', () => {
    const gate = newGate();
    const pool = poolOf(gate, 3);
    pool[0]?.connect();
    gate.handshakeAbandoned(pool[0] as ScriptedRequester);
    pass(10);
    expect(dialling(pool)).toBe(1);
    pool[0]?.disconnect();
    pass(10);
    expect(dialling(pool), 'it has left already').toBe(1);
  });

  test('has its dials alone again once all of its lives were lost', () => {
    const gate = newGate();
    const pool = poolOf(gate, 5);
    for (let round = 0; round < 10; round += 1) {
      for (const each of pool) if (each.where === 'dialling') each.succeed();
      pass(10);
    }
    pass(1_000);
    for (const each of pool) each.lose();
    pass(100);
    const first = pool.find(({ where }) => where === 'dialling');
    first?.connect();
    pass(50);
    expect(dialling(pool)).toBe(0);
    first?.shakeHands();
    pass(10);
    expect(dialling(pool)).toBe(4);
  });
});

describe('a dial that fails by its options', () => {
  test('makes those wait that have equal ones, by one probe', async () => {
    const gate = newGate();
    const other = alone(gate, { firstBackoff: () => constant(10), stableAfter: 1_000 });
    other.succeed();
    const all = [1, 2, 3].map(() => alone(gate, { ...options }));
    expect(all[0]?.fail('options')).toBe(100);
    await allTold();
    expect(all.map(({ failuresElsewhere }) => failuresElsewhere)).toEqual([0, 1, 1]);
    other.lose();
    pass(12);
    expect(other.where, 'of other options').toBe('dialling');
    other.succeed();
    pass(78);
    expect(dialling(all)).toBe(0);
    pass(20);
    expect(dialling(all)).toBe(1);
    all.find(({ where }) => where === 'dialling')?.succeed();
    pass(20);
    expect(dialling(all), 'they work').toBe(2);
  });

  test('says that the endpoint is up, if it has answered', () => {
    const gate = newGate();
    const [one, other] = [
      alone(gate),
      alone(gate, { firstBackoff: () => constant(200), stableAfter: 1_000 }),
    ];
    one.fail();
    pass(200);
    const prober = [one, other].find(({ where }) => where === 'dialling') as ScriptedRequester;
    expect(gate.report.state).toBe('probing');
    prober.fail('answer');
    expect(gate.report.state).not.toBe('probing');
  });

  test('of which several were in flight counts once', () => {
    const gate = newGate();
    const all = poolOf(gate, 3);
    all[0]?.succeed();
    pass(10);
    expect(dialling(all)).toBe(2);
    expect([all[1]?.fail('options'), all[2]?.fail('options')]).toEqual([100, undefined]);
  });
});

describe('a life that ended as planned', () => {
  test('is followed by the next at once, but not sooner than it is told to', () => {
    const gate = newGate();
    const one = alone(gate);
    one.succeed();
    one.loseOver('planned');
    one.where = 'waiting';
    expect(gate.enterPlanned(one, 40)).toBe(40);
    pass(39);
    expect(one.where).toBe('waiting');
    pass(2);
    expect(one.where).toBe('dialling');
  });

  test('leaves nothing behind when its connection is closed, or in a hurry', () => {
    const gate = newGate();
    const [one, other] = [alone(gate), alone(gate)];
    for (const each of [one, other]) {
      pass(5);
      each.succeed();
      each.loseOver('planned');
      each.where = 'waiting';
      gate.enterPlanned(each, 40);
    }
    one.disconnect();
    other.makeUrgent();
    pass(5);
    expect([other.where, vi.getTimerCount()]).toEqual(['dialling', 0]);
  });

  test('waits like any other where the endpoint is in trouble', () => {
    const gate = newGate();
    const [one, other] = [alone(gate), alone(gate)];
    one.succeed();
    pass(1_000);
    other.fail();
    one.loseOver('planned');
    one.where = 'waiting';
    expect(gate.enterPlanned(one, 0)).toBe(0);
    one.leave();
    other.enter();
    pass(100);
    for (let round = 0; round < 3 && gate.report.state !== 'probing'; round += 1) {
      pass(20);
      if (other.where === 'dialling') other.fail();
    }
    one.where = 'waiting';
    expect(gate.enterPlanned(one, 0)).toBeGreaterThan(0);
  });
});

describe('no wait is longer than an owner would wait itself', () => {
  test('where another one with a long backoff failed before it came', async () => {
    const gate = newGate();
    const slow = alone(gate, { firstBackoff: () => constant(60_000), stableAfter: 1_000 });
    expect(slow.fail()).toBe(60_000);
    const quick = alone(gate);
    await allTold();
    pass(99);
    expect(dialling([slow, quick])).toBe(0);
    pass(2);
    expect(dialling([slow, quick])).toBe(1);
  });

  test('where the dial of another one hangs', () => {
    const gate = newGate();
    const slow = alone(gate);
    const quick = new ScriptedRequester(gate, { ...options, connectTimeout: 200 }).arrive();
    pass(299);
    expect([slow.where, quick.where]).toEqual(['dialling', 'waiting']);
    pass(2);
    expect(quick.where).toBe('dialling');
    const none = newGate(1);
    alone(none);
    const never = new ScriptedRequester(none, { ...options, connectTimeout: 200 }).arrive();
    pass(1_000);
    expect(never.where, 'maxDialing bounds them').toBe('waiting');
  });

  test('where another one wants to see a long life first', () => {
    const gate = newGate();
    const patient = alone(gate, { ...options, stableAfter: 60_000 });
    const other = alone(gate, { ...options, stableAfter: 500 });
    for (let round = 0; round < 2; round += 1) {
      while (patient.where !== 'dialling') {
        pass(5);
        if (other.where === 'dialling') other.disconnect();
      }
      patient.succeed();
      patient.lose();
    }
    const last = alone(gate, { ...options, stableAfter: 500 });
    while (patient.where !== 'dialling') {
      pass(5);
      if (last.where === 'dialling') last.fail();
    }
    patient.succeed();
    pass(520);
    expect(last.where).toBe('dialling');
  });
});

describe('a link that the peer ends in a handshake', () => {
  test('is about its owner where others are ready, or where it was so before', () => {
    const gate = newGate();
    const [bad, other] = [alone(gate), alone(gate)];
    bad.connect();
    pass(10);
    other.connect();
    expect([gate.isOfOwner(bad), gate.isOfOwner(other)], 'nobody is ready').toEqual([false, false]);
    other.shakeHands();
    expect(gate.isOfOwner(bad), 'another one is ready').toBe(true);
    bad.lose('owner');
    other.disconnect();
    pass(1_000);
    bad.connect();
    expect(gate.isOfOwner(bad), 'it was so before').toBe(true);
    bad.shakeHands();
    expect(gate.isOfOwner(bad), 'it is ready itself').toBe(true);
    bad.disconnect();
    const last = alone(gate);
    last.connect();
    expect(gate.isOfOwner(last), 'nobody is ready any more').toBe(false);
  });

  test.each(['handshake', 'tls'])('keeps nobody in a line behind it, whoever waits for it: %s', (phase) => {
    const gate = newGate();
    const of = { firstBackoff: () => constant(100), stableAfter: 1_000 };
    const bad = Array.from({ length: 20 }, () => alone(gate, of));
    for (const each of bad) each.isWanted = true;
    /** How many of them dial and are lost before `good` does. */
    const turnsBefore = (good: ScriptedRequester): number => {
      let turns = 0;
      for (let time = 0; time < 20_000 && good.where === 'waiting'; time += 5) {
        for (const each of bad.filter(({ where }) => where === 'dialling')) {
          turns += 1;
          if (phase === 'handshake') each.connect();
          if (phase === 'handshake') each.lose();
          else each.fail('endpoint', 'tls');
        }
        pass(5);
      }
      return turns;
    };
    const first = alone(gate, of);
    expect(turnsBefore(first), 'all others were here before').toBeLessThanOrEqual(40);
    first.succeed();
    first.lose();
    expect(turnsBefore(first), 'it was ready').toBeLessThanOrEqual(2);
    first.succeed();
    expect(turnsBefore(alone(gate, of)), 'it has never dialled').toBeLessThanOrEqual(2);
    pass(2_000);
    expect(Math.min(...bad.map(({ dials }) => dials)), 'they have their turns').toBeGreaterThanOrEqual(1);
  });
});
