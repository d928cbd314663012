import { describe, expect, test } from 'vitest';
import { DialQueue, type Urgency } from '../../src/gate/dial-queue.js';
import { newGate, ScriptedRequester } from './scripted-requester.js';

/** A queue of requesters with these urgencies, in the order added. */
function queueOf(...urgencies: readonly Urgency[]): { queue: DialQueue; all: ScriptedRequester[] } {
  const gate = newGate();
  const queue = new DialQueue();
  const all = urgencies.map((urgency) => {
    const requester = new ScriptedRequester(gate);
    queue.add(requester, urgency);
    return requester;
  });
  return { queue, all };
}

describe('a dial queue', () => {
  test('is served by urgency, and within one first come, first served', () => {
    const { queue, all } = queueOf('normal', 'new', 'urgent', 'normal', 'new', 'urgent', 'doubtful');
    const order = Array.from(queue.toArray(), (requester) => all.indexOf(requester as ScriptedRequester));
    expect(order).toEqual([2, 5, 1, 4, 0, 3, 6]);
    const served = order.map(() => {
      const { urgency } = queue;
      const { first } = queue[urgency];
      if (first) expect(queue.delete(first)).toBe(true);
      return [all.indexOf(first as ScriptedRequester), urgency];
    });
    expect(served).toEqual([
      [2, 'urgent'],
      [5, 'urgent'],
      [1, 'new'],
      [4, 'new'],
      [0, 'normal'],
      [3, 'normal'],
      [6, 'doubtful'],
    ]);
    expect([queue.size, queue.normal.first]).toEqual([0, undefined]);
    expect(queue.delete(all[0] as ScriptedRequester)).toBe(false);
  });

  test('lets those in a hurry go first, in the order in which they asked for it', () => {
    const { queue, all } = queueOf('normal', 'new', 'normal', 'urgent');
    const [first, second, third] = all as [ScriptedRequester, ScriptedRequester, ScriptedRequester];
    for (const requester of [third, second, third]) queue.makeUrgent(requester);
    expect(Array.from(queue.toArray(), (requester) => all.indexOf(requester as ScriptedRequester))).toEqual([
      3, 2, 1, 0,
    ]);
    expect(queue.delete(first)).toBe(true);
    queue.makeUrgent(first);
    expect([queue.size, queue.has(first)]).toEqual([3, false]);
  });

  test('keeps the process alive for referenced requesters', () => {
    const { queue, all } = queueOf('normal', 'urgent');
    for (const requester of all) {
      expect(queue.keepsAlive).toBe(true);
      requester.isReferenced = false;
      queue.referenced(requester);
    }
    expect(queue.keepsAlive).toBe(false);
    const [first] = all as [ScriptedRequester];
    first.isReferenced = true;
    queue.referenced(first);
    expect(queue.keepsAlive).toBe(true);
    queue.delete(first);
    expect(queue.keepsAlive).toBe(false);
  });
});
