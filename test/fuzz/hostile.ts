import { BlockList } from 'node:net';
import * as fc from 'fast-check';

/** Stands for a password: no error may repeat it. */
export const canary = 'hunter2canary';

/** What the getters and traps of hostile values throw: it may come through, as it is the caller's own. */
export class Thrown extends Error {
  readonly code = canary;
}

/** A value that nobody expects, made anew for each use: some of them change when they are looked at. */
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

/** Text with the canary in it, so many characters. */
export function longText(size: number): string {
  return canary.repeat(Math.ceil(size / canary.length)).slice(0, size);
}

class Hostility {
  readonly name = canary;
}

/** Throws, as the getters and traps of hostile values do. */
export function fail(): never {
  throw new Thrown('by a hostile value');
}

const traps = Reflect.ownKeys(Reflect).filter((name) => typeof name === 'string');
const throwing = Object.fromEntries(traps.map((name) => [name, fail]));
/** A proxy whose every trap throws. */
const throwingProxy = (target: object): unknown => new Proxy(target, throwing);

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function cyclic(): unknown {
  const value: Record<string, unknown> = { list: [] };
  value['self'] = value;
  (value['list'] as unknown[]).push(value);
  return value;
}

/** Gives itself for whatever it is asked. */
function mirror(): unknown {
  const proxy: unknown = new Proxy(() => proxy, { get: (_target, name) => (name === 'length' ? 3 : proxy) });
  return proxy;
}

/** An array whose iterator never ends. */
function endless(item: unknown): unknown {
  return Object.assign([item], {
    *[Symbol.iterator]() {
      for (;;) yield item;
    },
  });
}

function detached(): unknown {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
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
  is('a revoked proxy of a function', () => revoked(() => undefined)),
  is('a proxy of a function that throws', () => throwingProxy(() => undefined)),
  is('a mirror', mirror),
];

const lists: readonly Hostile[] = [
  is('[]', () => []),
  is('a hole', () => Array(1)),
  is('the longest array', () => Array(2 ** 32 - 1)),
  is('an endless array', () => endless('h2')),
  is('an endless array of endpoints', () => endless({ path: '/x' })),
  is('an array that throws', () => [throwingProxy({})]),
  is('a revoked array', () => revoked([])),
  is(
    'a long proxy of an array',
    () => new Proxy([], { get: (_, name) => (name === 'length' ? 2 ** 53 - 1 : 'h2') }),
  ),
  is('[canary]', () => [canary]),
  is("['h2', 'http/1.1']", () => ['h2', 'http/1.1']),
  is('a list of endpoints', () => [{ host: '127.0.0.1', port: 80 }, { path: '/x' }]),
  is('arguments', (...args: unknown[]) => Object.assign(args, { length: 0 })),
];

const bytes: readonly Hostile[] = [
  is('an empty Buffer', () => Buffer.alloc(0)),
  is('a Buffer', () => Buffer.from(canary)),
  is('a Float64Array', () => new Float64Array(3)),
  is('a BigUint64Array', () => new BigUint64Array(3)),
  is('a DataView', () => new DataView(new ArrayBuffer(4))),
  is('an ArrayBuffer', () => new ArrayBuffer(4)),
  is('shared memory', () => new Uint8Array(new SharedArrayBuffer(4))),
  is('detached bytes', detached),
  is('no bytes', () => Object.create(Uint8Array.prototype)),
];

const objects: readonly Hostile[] = [
  is('{}', () => ({})),
  is('a null prototype', () => Object.create(null)),
  is('own __proto__', () => JSON.parse(`{"__proto__":{"polluted":"${canary}"}}`)),
  is('own constructor', () => JSON.parse(`{"constructor":{"prototype":{"polluted":1}}}`)),
  is('own toString', () => ({ toString: 1, valueOf: 2, hasOwnProperty: 3 })),
  is('throwing toString', () => ({ toString: fail, [Symbol.toPrimitive]: fail })),
  is('cyclic', cyclic),
  is('a proxy that throws', () => throwingProxy({})),
  is('a revoked proxy', () => revoked({})),
  is('a transparent proxy', () => new Proxy({}, {})),
  is('a proxy without sense', () => new Proxy({}, { ownKeys: () => [canary, canary] })),
  is('boxed text', () => Object(canary)),
  is('a Date', () => new Date(0)),
  is('a Map', () => new Map([[canary, 1]])),
  is('an Error', () => new Thrown(canary)),
  is('a URL', () => new URL(`tcp://user:${canary}@a.test:80`)),
  is('a promise', () => Promise.resolve(canary)),
  is('globalThis', () => globalThis),
  is('an aborted signal', () => AbortSignal.abort(new Error(canary))),
  is('no signal', () => Object.create(AbortSignal.prototype)),
  is('a signal behind a proxy', () => new Proxy(AbortSignal.abort(), {})),
  is('a signal behind a proxy that throws', () => throwingProxy(AbortSignal.abort())),
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
