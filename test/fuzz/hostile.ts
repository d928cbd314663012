import { BlockList } from 'node:net';
import * as fc from 'fast-check';

/** Stands for a password: no error may repeat it. */
export const canary = 'hunter2canary';

/** What the getters of hostile values throw: it may come through, as it is the caller's own. */
export class Thrown extends Error {
  readonly code = canary;
}

/** An unexpected value. It is made for each use, as some values change when they are read. */
export interface Hostile {
  readonly label: string;
  readonly make: () => unknown;
}

/** A hostile value, and how to make it. */
export const is = (label: string, make: () => unknown): Hostile => ({ label, make });
const same = (value: unknown): Hostile => is(shown(value), () => value);

function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 60 ? `a string of ${value.length}` : JSON.stringify(value);
  if (typeof value === 'bigint') return value > 2n ** 64n ? 'a long bigint' : `${value}n`;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Text of this length, with the canary in it. */
function longText(size: number): string {
  return canary.repeat(Math.ceil(size / canary.length)).slice(0, size);
}

class Hostility {
  readonly name = canary;
}

/** Throws, as the getters of hostile values do. */
export function fail(): never {
  throw new Thrown('by a hostile value');
}

function cyclic(): unknown {
  const value: Record<string, unknown> = { list: [] };
  value['self'] = value;
  (value['list'] as unknown[]).push(value);
  return value;
}

const megabyte = longText(2 ** 20);
const texts = [
  ...'5 -1 0 true 0x10 1e3 __proto__ constructor localhost [::1] ::1 127.0.0.1 fe80::1%lo 1.2.3'.split(' '),
  ...'h2 keep life TLSv1.3 TLSv9 ß.test 😀 \uD800 \u202E \u001B[31m -----BEGIN'.split(' '),
  ...[
    '%',
    '%\0',
    '\0%',
    '/tmp/%',
    '/a\0%',
    '%\r\nX: y',
    'redis://user:%@a.test:6379/0',
    'a.test:%',
    '%@a.test',
  ].map((each) => each.replace('%', canary)),
  '',
  ' ',
  megabyte,
];

const numbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  NaN,
  Infinity,
  -Infinity,
  80,
  1_000,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e308,
  5e-324,
];

const functions: readonly Hostile[] = [
  is('() => undefined', () => () => undefined),
  is('a function that throws', () => fail),
  is('an async function', () => async () => canary),
  is('a class', () => Hostility),
];

const lists: readonly Hostile[] = [
  is('[]', () => []),
  is('a hole', () => Array(1)),
  is('[canary]', () => [canary]),
  is("['h2', 'http/1.1']", () => ['h2', 'http/1.1']),
  is('a list of endpoints', () => [{ host: '127.0.0.1', port: 80 }, { path: '/x' }]),
];

const bytes: readonly Hostile[] = [
  is('an empty Buffer', () => Buffer.alloc(0)),
  is('a Buffer', () => Buffer.from(canary)),
  is('an ArrayBuffer', () => new ArrayBuffer(4)),
];

const objects: readonly Hostile[] = [
  is('{}', () => ({})),
  is('a null prototype', () => Object.create(null)),
  is('own __proto__', () => JSON.parse(`{"__proto__":{"polluted":"${canary}"}}`)),
  is('own constructor', () => JSON.parse(`{"constructor":{"prototype":{"polluted":1}}}`)),
  is('own toString', () => ({ toString: 1, valueOf: 2, hasOwnProperty: 3 })),
  is('throwing toString', () => ({ toString: fail, [Symbol.toPrimitive]: fail })),
  is('cyclic', cyclic),
  is('a Date', () => new Date(0)),
  is('a Map', () => new Map([[canary, 1]])),
  is('an Error', () => new Thrown(canary)),
  is('a URL', () => new URL(`tcp://user:${canary}@a.test:80`)),
  is('a promise', () => Promise.resolve(canary)),
  is('an aborted signal', () => AbortSignal.abort(new Error(canary))),
  is('no signal', () => Object.create(AbortSignal.prototype)),
  is('a block list', () => new BlockList()),
  is('no block list', () => Object.create(BlockList.prototype)),
  is('a false secure context', () => ({ context: { context: {} } })),
];

const kinds: readonly Hostile[] = [
  ...[undefined, null, true, false, 0n, 5n, -1n, 10n ** 400n, Symbol(canary), Symbol.iterator].map(same),
  ...texts.map(same),
  ...numbers.map(same),
  ...[functions, lists, bytes, objects].flat(),
];

/** Any value at all. */
export const hostile: fc.Arbitrary<Hostile> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...kinds) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map(same) },
  { weight: 1, arbitrary: fc.double().map(same) },
  {
    weight: 1,
    arbitrary: fc
      .anything({
        withBigInt: true,
        withNullPrototype: true,
        withSparseArray: true,
        withTypedArray: true,
        maxDepth: 2,
      })
      .map((value) => is(fc.stringify(value), () => value)),
  },
);
