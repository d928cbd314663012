import { expect } from 'vitest';
import { staticEndpoints, type DiscoveredEndpoint } from '../../src/discovery/index.js';
import { it } from '../support/fixtures.js';
import { expectOptionErrors } from '../support/refusal.js';

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of source) values.push(value);
  return values;
}

it('gives one snapshot in each iteration, and ends', async () => {
  const given = [{ host: 'a.test', port: 1, weight: 2 }, { path: '/x' }, { host: 'a.test', port: 1 }];
  const source = staticEndpoints(given);
  const expected = [{ host: 'a.test', port: 1, weight: 2 }, { path: '/x' }];
  given.length = 0;
  expect(await all(source)).toEqual([expected]);
  expect(await all(source)).toEqual([expected]);
});

it('checks the endpoints at the call', () => {
  const make = (value: unknown): unknown => staticEndpoints(value as DiscoveredEndpoint[]);
  expectOptionErrors('endpoints', [undefined, null, {}, [], 'x'], make);
  expectOptionErrors('endpoints[0].port', [[{ host: 'a.test' }], [{ host: 'a.test', port: 0 }]], make);
});
