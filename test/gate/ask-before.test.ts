import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Backoff } from '../../src/index.js';
import type { Gate } from '../../src/gate/gate.js';
import { useFakeTime } from '../support/fake-time.js';
import { allTold, newGate, pass, refused, ScriptedRequester } from './scripted-requester.js';

/** What the user's own backoff does when it is asked for its delay, and how often it was. */
interface Asked {
  act: () => void;
  times: number;
}

function ownBackoff(asked: Asked, step = 1): Backoff {
  return {
    get delay() {
      asked.times += 1;
      asked.act();
      return step * 100;
    },
    next: () => ownBackoff(asked, step + 1),
  };
}

function requester(gate: Gate, asked?: Asked): ScriptedRequester {
  return new ScriptedRequester(gate, asked ? { firstBackoff: () => ownBackoff(asked) } : {});
}

beforeEach(useFakeTime);
afterEach(() => void vi.useRealTimers());

describe('a backoff of the user', () => {
  test('is asked before the change: the gate is as it was before', () => {
    const gate = newGate();
    const reports: unknown[] = [];
    const asked: Asked = { act: () => void reports.push(gate.report), times: 0 };
    const first = requester(gate, asked).arrive();
    const atDial = gate.report;
    expect(first.fail()).toBe(100);
    pass(100);
    first.succeed();
    const inLife = gate.report;
    expect(first.lose()).toBe(100);
    expect(reports).toEqual([atDial, inLife]);
  });

  test('is asked again for the same step when the answer was dropped', () => {
    const gate = newGate();
    const asked: Asked = { act: () => {}, times: 0 };
    const first = requester(gate, asked).arrive();
    const before = gate.report;
    for (let times = 1; times <= 3; times += 1) {
      expect(gate.askBeforeDialFailed(first, 'endpoint')).toMatchObject({ delay: 100 });
      expect([asked.times, gate.report]).toEqual([times, before]);
    }
    expect(first.fail()).toBe(100);
    pass(100);
    expect(first.fail()).toBe(200);
  });

  test('is never asked by the change itself', () => {
    const gate = newGate();
    const asked: Asked = { act: () => {}, times: 0 };
    const first = requester(gate, asked).arrive();
    const drawn = gate.askBeforeDialFailed(first, 'endpoint');
    asked.act = () => expect.unreachable();
    expect(gate.dialFailed(first, refused(), 'endpoint', true, drawn)).toBe(100);
    gate.enter(first, false);
    pass(100);
    first.succeed();
    asked.act = () => {};
    const afterLoss = gate.askBeforeLifeEnded(first, { uptime: 0, endedBy: 'endpoint' });
    asked.act = () => expect.unreachable();
    expect(gate.lifeEnded(first, { uptime: 0, endedBy: 'endpoint' }, afterLoss)).toBe(100);
  });

  test('is not asked for who does not go on, only for those who wait', () => {
    const gate = newGate();
    const asked: Asked = { act: () => {}, times: 0 };
    const first = requester(gate, asked).arrive();
    expect(gate.askBeforeDialFailed(first, 'endpoint', false)).toMatchObject({ delay: 0 });
    const other: Asked = { act: () => {}, times: 0 };
    requester(gate, other).arrive();
    const drawn = gate.askBeforeDialFailed(first, 'endpoint', false);
    expect(gate.dialFailed(first, refused(), 'endpoint', false, drawn)).toBeUndefined();
    expect([asked.times, other.times]).toEqual([0, 1]);
    expect(gate.report).toMatchObject({ state: 'probing', waiting: 1, dialling: 0 });
    expect(gate.report.nextDialAt).toBeCloseTo(performance.timeOrigin + performance.now() + 100);
  });

  test('that fails is told of when the change is complete', async () => {
    const gate = newGate();
    const cause = new Error('no idea');
    const throws: Asked = {
      act() {
        throw cause;
      },
      times: 0,
    };
    const first = requester(gate, throws).arrive();
    expect(first.fail()).toBe(1_000);
    expect(first.errors).toEqual([]);
    await allTold();
    expect(first.errors).toEqual([cause]);
  });
});

describe('inside of a backoff', () => {
  test('the connection itself is disconnected: its failure is none, and the next one dials', () => {
    const gate = newGate();
    const asked: Asked = { act: () => first.disconnect(), times: 0 };
    const first: ScriptedRequester = requester(gate, asked).arrive();
    const second = requester(gate).arrive();
    expect(first.failOver()).toBeUndefined();
    expect(gate.report).toMatchObject({ state: 'opening', waiting: 1, dialling: 0 });
    pass(2);
    expect(second.where).toBe('dialling');
  });

  test('the connection itself is disconnected: its loss is none', () => {
    const gate = newGate();
    const asked: Asked = { act: () => first.disconnect(), times: 0 };
    const first: ScriptedRequester = requester(gate, asked).arrive();
    first.succeed();
    expect(first.loseOver('endpoint')).toBeUndefined();
    expect(gate.report).toMatchObject({ state: 'up', waiting: 0, dialling: 0 });
  });

  test('a connection to the same endpoint is made: it dials, and the loss holds for the next', () => {
    const gate = newGate();
    const made: ScriptedRequester[] = [];
    const asked: Asked = { act: () => void made.push(requester(gate).arrive()), times: 0 };
    const first = requester(gate, asked).arrive();
    first.succeed();
    pass(6_000);
    expect(first.lose(), 'the wait that was drawn').toBe(100);
    expect(made.map(({ where }) => where)).toEqual(['dialling']);
    expect(gate.report).toMatchObject({ state: 'probing', window: 1, dialling: 1, waiting: 1 });
    pass(200);
    expect(first.where, 'one probe at a time').toBe('waiting');
    made[0]?.succeed();
    pass(20);
    expect(first.where).toBe('dialling');
  });

  test('another connection is to dial now: it does, and the wait holds for the rest', () => {
    const gate = newGate();
    const asked: Asked = { act: () => second.makeUrgent(), times: 0 };
    const first = requester(gate, asked).arrive();
    const second: ScriptedRequester = requester(gate).arrive();
    const third = requester(gate).arrive();
    expect(first.fail()).toBe(100);
    pass(5);
    expect([first, second, third].map(({ where }) => where)).toEqual(['waiting', 'dialling', 'waiting']);
  });

  test('another dial is called off: those who wait have the wait that was drawn', () => {
    const gate = newGate();
    const asked: Asked = { act: () => second.disconnect(), times: 0 };
    const first = requester(gate, asked).arrive();
    const second: ScriptedRequester = requester(gate).arrive();
    const third = requester(gate).arrive();
    second.makeUrgent();
    expect(first.fail()).toBe(100);
    expect(gate.report).toMatchObject({ dialling: 0, waiting: 2 });
    pass(99);
    expect(third.where).toBe('waiting');
    pass(2);
    expect(third.where).toBe('dialling');
  });
});

test('a wait for which none was drawn is as long as the last', () => {
  const gate = newGate();
  const first = requester(gate).arrive();
  expect(first.fail()).toBe(100);
  pass(100);
  expect(gate.dialFailed(first, refused(), 'endpoint', true, undefined)).toBe(100);
});
