import { expect, it } from 'vitest';
import { lookupThreads, systemLookups } from '../../../src/connection/lookup/system-lookups.js';

it.each<[poolSize: string | undefined, threads: number]>([
  [undefined, 2],
  ['1', 1],
  ['2', 1],
  ['3', 2],
  ['8', 4],
  ['0', 1],
  ['many', 1],
  ['100000', 512],
])('with UV_THREADPOOL_SIZE=%s, %i threads look up names', (poolSize, threads) => {
  expect(lookupThreads(poolSize)).toBe(threads);
});

it('there is one set of look-ups in a process', () => {
  expect(systemLookups()).toBe(systemLookups());
});
