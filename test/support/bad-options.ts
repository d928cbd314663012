import { BlockList } from 'node:net';
import { createSecureContext } from 'node:tls';
import { roundRobin } from '../../src/index.js';

const longest = 2_147_483_647;
const anything = [null, 'x', {}, [], Symbol('s')];
const noNumbers = [...anything, '5', true, NaN, 5n];
const noTimes = [...noNumbers, -1, -0.5, longest + 1, Infinity];
const noBooleans = [...anything, 'true', 0, 1];
const noFunctions = [...anything, 5, true];
function ping(): void {}

/** What Node.js aborts the process for, where it expects the context itself. */
function behindProxy(): unknown {
  return new Proxy(createSecureContext({ ca: [] }).context as object, {});
}

const noHighWaterMarks = [...noNumbers, -1, 1.5, Infinity];

/** Values that an option refuses, by its name. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
  connectTimeout: [...noTimes, 0],
  handshakeTimeout: [...noTimes, 0],
  stableAfter: noTimes,
  timeout: noTimes,
  maxAttempts: [...noNumbers, 0, -1, 1.5, -Infinity],
  shouldRetry: noFunctions,
  prelude: noFunctions,
  reuseReadBuffer: noBooleans,
  noDelay: noBooleans,
  keepAlive: noBooleans,
  keepAliveInitialDelay: [...noTimes, 500, 1, 999],
  allowHalfOpen: noBooleans,
  autoSelectFamily: noBooleans,
  autoSelectFamilyAttemptTimeout: [...noTimes, 0, 1.5],
  highWaterMark: noHighWaterMarks,
  readableHighWaterMark: noHighWaterMarks,
  writableHighWaterMark: noHighWaterMarks,
  lookup: noFunctions,
  signal: [...anything, 5, new AbortController(), Object.create(AbortSignal.prototype)],
  blockList: [...anything, 5, BlockList, Object.create(BlockList.prototype)],
  family: [...anything, 5, '4', 1, 7],
  hints: [...noNumbers, -1, 1.5, 2 ** 31],
  localAddress: [...anything, 5, '', 'localhost', '127.0.0.256'],
  localPort: [...noNumbers, -1, 65_536, 1.5],
  heartbeat: [null, 'x', 5, true, []],
  idleTimeout: noTimes,
  maxAge: noTimes,
  maxBuffered: [...noNumbers, -1, 1.5, Infinity],
  autoCork: [null, 'true', 1, 0],
  listeners: [...anything, 5, true, 'lives'],
  tls: [null, 'x', 5, false, Symbol('s')],
  onread: [null, 'x', 5, []],
  backoff: [null, 'x', 5, []],
};

/** Wrong members of an option that is an object, by the name of the member. */
const refusedMembers: readonly (readonly [option: string, options: object])[] = [
  ['options.onread.callback', { onread: { buffer: Buffer.alloc(1) } }],
  ['options.onread.callback', { onread: { buffer: Buffer.alloc(1), callback: 5 } }],
  ['options.onread.buffer', { onread: { callback() {} } }],
  ['options.onread.buffer', { onread: { buffer: 'x', callback() {} } }],
  ['options.onread.buffer', { onread: { buffer: Buffer.alloc(0), callback() {} } }],
  ['options.onread', { onread: { buffer: Buffer.alloc(1), callback() {}, other: 1 } }],
  ['options.heartbeat', { heartbeat: 5_000 }],
  ['options.heartbeat.interval', { heartbeat: { ping } }],
  ['options.heartbeat.interval', { heartbeat: { interval: 0, ping } }],
  ['options.heartbeat.interval', { heartbeat: { interval: '5', ping } }],
  ['options.heartbeat.timeout', { heartbeat: { interval: 5, timeout: 0, ping } }],
  ['options.heartbeat.ping', { heartbeat: { interval: 5 } }],
  ['options.heartbeat.ping', { heartbeat: { interval: 5, ping: 'PING' } }],
  ['options.heartbeat', { heartbeat: { interval: 5, ping, pong: 1 } }],
  ['options.prelude.target', { prelude: Object.assign(() => undefined, { target: 'no port' }) }],
  ['options.prelude.target', { prelude: Object.assign(() => undefined, { target: 5 }) }],
  ['options.tls', { tls: [] }],
  ['options.tls.host', { tls: { host: 'a.test' } }],
  ['options.tls.socket', { tls: { socket: {} } }],
  ['options.tls', { tls: { cert: 'no certificate' } }],
  ['options.tls', { tls: { key: 5 } }],
  ['options.tls', { tls: { minVersion: 'TLSv9' } }],
  ['options.tls.rejectUnauthorized', { tls: { rejectUnauthorized: 0 } }],
  ['options.tls.servername', { tls: { servername: 'a b' } }],
  ['options.tls.ALPNProtocols', { tls: { ALPNProtocols: [''] } }],
  ['options.tls.ALPNProtocols', { tls: { ALPNProtocols: 'h2' } }],
  // Node.js aborts the process for these.
  ['options.tls.ALPNProtocols', { tls: { ALPNProtocols: Buffer.from('h2') } }],
  ['options.tls.ALPNProtocols', { tls: { ALPNProtocols: Buffer.from('\u0002h2\0') } }],
  ['options.tls.ALPNProtocols', { tls: { ALPNProtocols: new Uint8Array() } }],
  ['options.tls.checkServerIdentity', { tls: { checkServerIdentity: true } }],
  ['options.tls.secureContext', { tls: { secureContext: {} } }],
  ['options.tls.secureContext', { tls: { secureContext: { context: {} } } }],
  ['options.tls.secureContext', { tls: { secureContext: { context: behindProxy() } } }],
  ['options.tls.ALPNProtocols', { tls: { ALPNProtocols: ['x'.repeat(256)] } }],
  ['options.tls.ALPNProtocols', { tls: { ALPNProtocols: Array(2 ** 32 - 1) } }],
  ['options.tls.ca', { tls: { ca: Array(2 ** 32 - 1) } }],
  ['options.tls.ciphers', { tls: { ciphers: 'x'.repeat(10_001) } }],
  ['options.readableHighWaterMark', { tls: true, readableHighWaterMark: 1 }],
  ['options.writableHighWaterMark', { tls: true, writableHighWaterMark: 1 }],
  ['options.backoff', { backoff: { first: 1 } }],
  ['options.backoff.delay', { backoff: { next() {} } }],
  ['options.backoff.delay', { backoff: { delay: -1, next() {} } }],
  ['options.backoff.next', { backoff: { delay: 1 } }],
  ['options.backoff.initial', { backoff: { initial: 0 } }],
  ['options.backoff.initial', { backoff: { initial: 2, max: 1 } }],
  ['options.backoff.factor', { backoff: { factor: 0.5 } }],
  ['options.backoff.max', { backoff: { max: Infinity } }],
  ['options.backoff.jitter', { backoff: { jitter: 2 } }],
  ['options.backoff.random', { backoff: { random: 0.5 } }],
];

const noAsyncIterable = { async next() {} };

/** Values that an option of a pool refuses, by its name. */
const refusedByPool: Readonly<Record<string, readonly unknown[]>> = {
  discovery: [null, 'x', 5, true, [], {}, noAsyncIterable, { [Symbol.asyncIterator]: 5 }],
  allowEndpoint: noFunctions,
  maxStale: [...noNumbers, 0, -1, longest + 1, -Infinity],
  perEndpoint: [
    ...noNumbers.filter((value) => typeof value !== 'object'),
    null,
    [],
    0,
    -1,
    1.5,
    Infinity,
    100_001,
  ],
  spill: [...noNumbers, 0, -0.1, 1.1, Infinity],
  subset: [...noNumbers.filter((value) => typeof value !== 'object'), null, [], 0, -1, 1.5, Infinity],
  drain: noTimes,
  pick: [...anything, 5, true, 'roundRobin', { name: 'roundRobin' }, new Proxy(roundRobin(), {})],
  acquireTimeout: noTimes,
  maxWaiters: [...noNumbers, -1, 1.5, Infinity],
  leakWarning: noTimes,
  pushes: [1, 'true', null, {}],
};

/** The names of the options of a pool that have rows here. */
export const coveredPoolOptions: readonly string[] = Object.keys(refusedByPool);

/** Options of a pool that are refused: what the error names, and wrong options of that kind. */
export const badPoolOptions: readonly (readonly [option: string, wrong: readonly unknown[]])[] = [
  ...Object.entries(refusedByPool).map(
    ([name, values]) => [`options.${name}`, values.map((value) => ({ [name]: value }))] as const,
  ),
  [
    'options.subset.size',
    [{ subset: {} }, { subset: { size: 0 } }, { subset: { size: '5' } }, { subset: { key: 'x' } }],
  ],
  ['options.subset.key', [{ subset: { size: 5, key: '' } }, { subset: { size: 5, key: 5 } }]],
  ['options.subset', [{ subset: { size: 5, seed: 1 } }]],
  [
    'options.perEndpoint.max',
    [{ perEndpoint: {} }, { perEndpoint: { max: 0 } }, { perEndpoint: { max: '5' } }],
  ],
  ['options.perEndpoint', [{ perEndpoint: { max: 5, seed: 1 } }]],
];

/** The names of the options that have rows here. */
export const coveredOptions: readonly string[] = Object.keys(refused);

/** Options of a connection that are refused: what the error names, and wrong options of that kind. */
export const badOptions: readonly (readonly [option: string, wrong: readonly unknown[]])[] = [
  ['options', [null, 5, 'x', [], true, { noSuchOption: 1 }, { connecttimeout: 1 }, { constructor: 1 }]],
  ...Object.entries(refused).map(
    ([name, values]) => [`options.${name}`, values.map((value) => ({ [name]: value }))] as const,
  ),
  ...refusedMembers.map(([option, options]) => [option, [options]] as const),
];
