import { expect, test } from 'vitest';
import { Batcher } from '../../src/primitives/batcher.js';
import { nextTurn } from '../support/fixtures.js';

test('acts on a number of items per turn, in order', async () => {
  const seen: number[] = [];
  const batcher = new Batcher<number>(3, (item) => seen.push(item));
  for (let item = 0; item < 7; item += 1) batcher.add(item);
  expect(seen).toEqual([0, 1, 2]);
  await nextTurn();
  batcher.add(7);
  expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  await nextTurn();
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  batcher.add(8);
  expect(seen.at(-1), 'what there is room for').toBe(8);
  batcher.add(9);
  expect(seen.at(-1), 'what there is no room for').toBe(8);
  await nextTurn();
  expect(seen.at(-1)).toBe(9);
  await nextTurn();
  await nextTurn();
  for (const item of [10, 11, 12]) batcher.add(item);
  expect(seen.slice(-3)).toEqual([10, 11, 12]);
});

test('goes on with the next turn when one of them throws', async () => {
  const seen: number[] = [];
  const batcher = new Batcher<number>(2, (item) => {
    seen.push(item);
    if (item === 2) throw new Error('of an item');
  });
  const caught = new Promise((resolve) => process.once('uncaughtException', resolve));
  const listeners = process.rawListeners('uncaughtException');
  const others = listeners.slice(0, -1) as ((error: Error) => void)[];
  for (const other of others) process.off('uncaughtException', other);
  for (let item = 0; item < 5; item += 1) batcher.add(item);
  expect(await caught).toMatchObject({ message: 'of an item' });
  for (const other of others) process.on('uncaughtException', other);
  await nextTurn();
  await nextTurn();
  expect(seen).toEqual([0, 1, 2, 3, 4]);
});
