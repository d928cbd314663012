import { expect, test } from 'vitest';
import { Waiters } from '../../src/primitives/waiters.js';

test('a waiter is resolved by the first count that is enough', async () => {
  const waiters = new Waiters();
  const settled: string[] = [];
  const two = waiters.wait(2).then(() => settled.push('two'));
  const three = waiters.wait(3).then(() => settled.push('three'));
  waiters.reached(1);
  waiters.reached(2);
  await two;
  expect(settled).toEqual(['two']);
  waiters.reached(5);
  await three;
  expect(settled).toEqual(['two', 'three']);
});

test('fail() rejects those that want more', async () => {
  const waiters = new Waiters();
  const two = waiters.wait(2);
  const three = waiters.wait(3);
  const cause = new Error('cause');
  waiters.fail(cause, 2);
  await expect(three).rejects.toBe(cause);
  waiters.reached(2);
  await two;
});

test('an aborted waiter leaves no listener, and is never resolved', async () => {
  const waiters = new Waiters();
  const added: string[] = [];
  const signal = new AbortController().signal;
  signal.addEventListener = (name: string) => void added.push(`+${name}`);
  signal.removeEventListener = (name: string) => void added.push(`-${name}`);
  const waiting = waiters.wait(1, signal);
  waiters.reached(1);
  await waiting;
  expect(added).toEqual(['+abort', '-abort']);
  const controller = new AbortController();
  const aborted = waiters.wait(1, controller.signal);
  controller.abort(new Error('enough'));
  waiters.reached(1);
  await expect(aborted).rejects.toThrow('enough');
  await expect(waiters.wait(1, controller.signal)).rejects.toThrow('enough');
});
