import { expect } from 'vitest';
import { inParallel } from '../../src/dns/in-parallel.js';
import { it, nextTurn } from '../support/fixtures.js';

it.for([0, 1, 2, 3, 4, 10])('%d items: each once, in order, at most three at a time', async (count) => {
  const items = Array.from({ length: count }, (_, index) => index);
  const begun: number[] = [];
  let [running, most] = [0, 0];
  await inParallel(items, 3, async (item) => {
    begun.push(item);
    most = Math.max(most, (running += 1));
    for (let turn = 0; turn <= item % 3; turn += 1) await nextTurn();
    running -= 1;
  });
  expect(begun).toEqual(items);
  expect(running).toBe(0);
  expect(most).toBe(Math.min(3, count));
});
