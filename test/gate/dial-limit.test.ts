import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DialLimit, type RoomWaiter } from '../../src/gate/dial-limit.js';
import { newGate, ScriptedRequester } from './scripted-requester.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Wants to dial so often, and writes down its name each time. */
class Wanting implements RoomWaiter {
  readonly #name: string;
  readonly #limit: DialLimit;
  readonly #log: string[];
  wanted: number;

  constructor(name: string, limit: DialLimit, log: string[], wanted: number) {
    this.#name = name;
    this.#limit = limit;
    this.#log = log;
    this.wanted = wanted;
  }

  roomCame(): void {
    while (this.wanted > 0 && this.#limit.hasRoom) {
      this.wanted -= 1;
      this.#limit.began();
      this.#log.push(this.#name);
    }
    if (this.wanted > 0) this.#limit.wait(this);
  }
}

describe('the limit of all dials', () => {
  test('has room until so many are in flight', () => {
    const limit = new DialLimit(2);
    limit.began();
    expect(limit.hasRoom).toBe(true);
    limit.began();
    expect(limit.hasRoom).toBe(false);
    limit.ended();
    expect(limit.hasRoom).toBe(true);
  });

  test('gives each that waits one turn, first come, first served', () => {
    const limit = new DialLimit(1);
    const log: string[] = [];
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new Wanting(name, limit, log, 3));
    for (const each of [a, b, c]) each?.roomCame();
    expect([log, limit.waiting]).toEqual([['a'], 3]);
    for (let dial = 0; dial < 8; dial += 1) {
      limit.ended();
      vi.runAllTimers();
    }
    // The first had its first turn when nobody else was there.
    expect(log.join('')).toBe('aabcabcbc');
    expect(limit.waiting).toBe(0);
  });

  test('lets nobody go before those that wait, and begins nothing in the call that makes room', () => {
    const limit = new DialLimit(1);
    const log: string[] = [];
    limit.began();
    new Wanting('a', limit, log, 1).roomCame();
    limit.ended();
    expect([log, limit.hasRoom]).toEqual([[], false]);
    vi.runAllTimers();
    expect(log).toEqual(['a']);
  });

  test('goes on to the next where one does not want to dial any more, or throws', () => {
    const limit = new DialLimit(1);
    const log: string[] = [];
    limit.began();
    const [first, second, third] = ['a', 'b', 'c'].map((name) => new Wanting(name, limit, log, 1));
    for (const each of [first, second, third]) each?.roomCame();
    limit.leave(second as Wanting);
    (first as Wanting).wanted = 0;
    limit.ended();
    vi.runAllTimers();
    expect(log).toEqual(['c']);
    expect([limit.waiting, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test('does not turn for ever where one waits again without having dialled', () => {
    const limit = new DialLimit(1);
    let turns = 0;
    const stubborn = {
      roomCame: () => {
        turns += 1;
        if (turns < 5) limit.wait(stubborn);
      },
    };
    limit.began();
    limit.wait(stubborn);
    limit.ended();
    vi.advanceTimersToNextTimer();
    expect(turns).toBe(1);
    vi.runAllTimers();
    expect(turns).toBe(5);
  });
});

describe('gates with one limit', () => {
  test('dial in turns', () => {
    const limit = new DialLimit(2);
    const gates = [1, 2, 3].map(() => newGate(256, limit));
    const order: number[] = [];
    const requesters = [0, 1].flatMap(() =>
      gates.map((gate, index) => {
        const requester = new ScriptedRequester(gate);
        requester.onDial = () => void order.push(index);
        return requester;
      }),
    );
    for (const requester of requesters) requester.arrive();
    const inFlight = (): ScriptedRequester[] => requesters.filter(({ where }) => where === 'dialling');
    while (order.length < requesters.length) {
      expect(inFlight().length).toBeLessThanOrEqual(2);
      inFlight()[0]?.succeed();
      vi.advanceTimersByTime(10);
    }
    expect(order).toEqual([0, 1, 2, 0, 1, 2]);
    for (const requester of requesters) if (requester.where === 'dialling') requester.succeed();
    expect(limit.waiting).toBe(0);
  });

  test('whose requesters leave or are closed hold nothing', () => {
    const limit = new DialLimit(1);
    const dialling = new ScriptedRequester(newGate(1, limit)).arrive();
    const waiting = [1, 2, 3].map(() => new ScriptedRequester(newGate(1, limit)).arrive());
    expect(limit.waiting).toBe(3);
    for (const each of waiting) each.disconnect();
    expect(limit.waiting).toBe(0);
    dialling.disconnect();
    expect([limit.hasRoom, vi.getTimerCount()]).toEqual([true, 0]);
    const last = new ScriptedRequester(newGate(1, limit)).arrive();
    expect(last.dials).toBe(1);
  });

  test('wait for a failed dial as for one that has succeeded', () => {
    const limit = new DialLimit(1);
    const failing = new ScriptedRequester(newGate(1, limit)).arrive();
    const waiting = new ScriptedRequester(newGate(1, limit)).arrive();
    expect(waiting.dials).toBe(0);
    failing.fail();
    vi.advanceTimersByTime(1);
    expect(waiting.dials).toBe(1);
    waiting.succeed();
    vi.advanceTimersByTime(1_000);
    expect(failing.dials).toBe(2);
  });
});
