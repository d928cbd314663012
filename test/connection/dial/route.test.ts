import { ADDRCONFIG } from 'node:dns';
import { BlockList } from 'node:net';
import { expect, test } from 'vitest';
import { resolveOptions } from '../../../src/connection/index.js';
import { routeOf } from '../../../src/connection/dial/route.js';
import type { ConnectionOptions, Endpoint } from '../../../src/index.js';

const name: Endpoint = { host: 'a.test', port: 1 };
const address: Endpoint = { host: '127.0.0.1', port: 1 };
const path: Endpoint = { path: '/run/a.sock' };

const lookup = (): void => {};
const blockList = new BlockList();

function routes(options: ConnectionOptions): string[] {
  const resolved = resolveOptions(options);
  return [name, address, path].map((endpoint) => routeOf(endpoint, resolved));
}

test('what does not matter for the way to an endpoint makes no route', () => {
  expect(routes({})).toEqual(['', '', '']);
  expect(routes({ connectTimeout: 5, noDelay: false, family: 0, autoSelectFamily: true })).toEqual([
    '',
    '',
    '',
  ]);
});

test.each<[ConnectionOptions, number]>([
  [{ localAddress: '127.0.0.9' }, 2],
  [{ localPort: 4_000 }, 2],
  [{ blockList }, 2],
  [{ lookup }, 1],
  [{ family: 4 }, 1],
  [{ hints: ADDRCONFIG }, 1],
  [{ autoSelectFamily: false }, 1],
])('%o makes one, the same each time, where it is used', (options, count) => {
  const all = routes(options);
  expect(all.filter((route) => route !== '')).toHaveLength(count);
  expect(routes({ ...options })).toEqual(all);
});

test('routes differ by what they are made of', () => {
  const options: ConnectionOptions[] = [
    {},
    { lookup },
    { lookup: () => {} },
    { family: 4 },
    { family: 6 },
    { localPort: 4 },
    { blockList },
    { blockList: new BlockList() },
    { lookup, blockList },
  ];
  expect(new Set(options.map((each) => routes(each)[0])).size).toBe(options.length);
});
