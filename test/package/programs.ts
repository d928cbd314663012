import type { Certificates } from '../support/certificates.js';

/** A program that uses the installed package and prints one line of JSON. */
export interface PackageProgram {
  /** What is shown when it is run, in words. */
  readonly title: string;
  readonly file: string;
  readonly text: string;
  /** What it prints, parsed. */
  readonly expected: unknown;
}

const entries = [
  'connman',
  'connman/discovery',
  'connman/metrics',
  'connman/monitor',
  'connman/prelude',
  'connman/testing',
];

const errors = [
  ['ClosedError', 'ConnmanError', 'DialError', 'DiscoveryError', 'HandshakeError', 'NoConnectionError'],
  ['OptionError', 'PoolExistsError', 'QueueFullError', 'TimeoutError'],
].flat();

/** What `life` does with the names that it has imported or required. */
const life = `
const thrown = (action) => { try { action(); } catch (error) { return error; } };
async function main() {
  const server = await startFaultServer();
  const sockets = [];
  const connection = connect(server.port, server.host, {
    onConnect(socket) { sockets.push(socket); void server.accept(1).then((peer) => peer.reset()); },
    onReset() {},
    onReconnect(socket) { sockets.push(socket); void end(); },
  }, { backoff: exponential({ initial: 1 }) });
  async function end() {
    await disconnectAll();
    await server.close();
    console.log(JSON.stringify({
      lives: sockets.length,
      isSameSocket: sockets[0] === sockets[1],
      names: [${errors.join(', ')}].map((Each) => new Each('CONNMAN_DIAL').name),
      isInstance: [
        thrown(() => dnsAddresses('', 80)) instanceof OptionError,
        thrown(() => startFaultServer({ port: -1 })) instanceof OptionError,
        thrown(() => connect(-1, '', {})) instanceof OptionError,
      ],
    }));
  }
}
void main();
`;
const names = `connect, disconnectAll, exponential, ${errors.join(', ')}`;

const lifeExpected = {
  lives: 2,
  isSameSocket: true,
  names: errors,
  isInstance: [true, true, true],
};

/** Two lives of a connection, every error, and `instanceof` across the entries: imported. */
export const importedLife: PackageProgram = {
  title: 'imports all entries and lives through a reset',
  file: 'life.mjs',
  text: `
import { ${names} } from 'connman';
import { dnsAddresses } from 'connman/discovery';
import { startFaultServer } from 'connman/testing';
${life}`,
  expected: lifeExpected,
};

/** The same, required. */
export const requiredLife: PackageProgram = {
  title: 'requires all entries and lives through a reset',
  file: 'life.cjs',
  text: `
const { ${names} } = require('connman');
const { dnsAddresses } = require('connman/discovery');
const { startFaultServer } = require('connman/testing');
${life}`,
  expected: lifeExpected,
};

const sameObjects: PackageProgram = {
  title: 'gets the same objects by require and by import',
  file: 'same.mjs',
  text: `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const different = [];
for (const entry of ${JSON.stringify(entries)}) {
  const [imported, required] = [await import(entry), require(entry)];
  for (const name of Object.keys(required)) if (imported[name] !== required[name]) different.push(name);
}
console.log(JSON.stringify(different));`,
  expected: [],
};

const oneRegistry: PackageProgram = {
  title: 'has one registry, however it is loaded',
  file: 'registry.mjs',
  text: `
import { createRequire } from 'node:module';
import { createPool } from 'connman';
const { getPool } = createRequire(import.meta.url)('connman');
const pool = createPool('shared', () => ({}));
console.log(JSON.stringify(getPool('shared') === pool));`,
  expected: true,
};

const fewFiles: PackageProgram = {
  title: 'loads two files for the main entry, and one more for each of the others',
  file: 'files.cjs',
  text: `
const counts = ${JSON.stringify(entries)}.map((entry) => {
  require(entry);
  return Object.keys(require.cache).filter((path) => path !== __filename).length;
});
console.log(JSON.stringify(counts));`,
  expected: [2, 3, 4, 5, 6, 7],
};

const poolsLater: PackageProgram = {
  title: 'loads what pools are made of with the first one, also when the registry of modules was emptied',
  file: 'pools.cjs',
  text: `
const { createPool, getPool, OptionError } = require('connman');
const isLoaded = () => Object.keys(require.cache).some((path) => path.endsWith('pools.js'));
const before = isLoaded();
const first = createPool('first', () => ({}));
const after = isLoaded();
for (const path of Object.keys(require.cache)) delete require.cache[path];
require('connman');
const second = createPool('second', () => ({}));
let thrown;
try { createPool('third', () => ({}), { maxWaiter: 1 }); } catch (error) { thrown = error; }
const isOne = first.constructor === second.constructor && getPool('second') === second;
console.log(JSON.stringify([before, after, isOne, thrown instanceof OptionError]));`,
  expected: [false, true, true, true],
};

const contexts: PackageProgram = {
  title: 'works in a context, as test runners make them: there, errors of Node.js are no instanceof Error',
  file: 'context.cjs',
  text: `
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { compileFunction, createContext } = require('node:vm');
const globals = ['AbortController', 'AbortSignal', 'Buffer', 'clearImmediate', 'clearInterval', 'clearTimeout', 'performance',
  'process', 'queueMicrotask', 'setImmediate', 'setInterval', 'setTimeout'];
const parsingContext = createContext(Object.fromEntries(globals.map((name) => [name, globalThis[name]])));
const modules = new Map();
function load(file) {
  const known = modules.get(file);
  if (known) return known.exports;
  const module = { exports: {} };
  modules.set(file, module);
  const requires = (id) => id.startsWith('.') ? load(join(dirname(file), id)) : require(id);
  const names = ['exports', 'module', 'require'];
  compileFunction(readFileSync(file, 'utf8'), names, { parsingContext })(module.exports, module, requires);
  return module.exports;
}
const { connect, createPool, exponential } = load(require.resolve('connman'));
const { startFaultServer } = load(require.resolve('connman/testing'));
function foreign() { try { Buffer.alloc(-1); } catch (error) { return error; } }
async function main() {
  const server = await startFaultServer();
  const told = [];
  const tell = ({ code, error }) => told.push(code + ' ' + error?.name);
  const connection = connect(server.endpoint, { onConnect() {}, onReset: tell }, { backoff: exponential({ initial: 1 }) });
  await connection.ready();
  connection.reset(foreign());
  const stop = new AbortController();
  const pool = createPool('a', () => ({ onConnect() {}, onReset: tell }), { signal: stop.signal });
  pool.addConnection(server.port, server.host);
  const work = pool.use(() => { throw foreign(); });
  told.push(await work.catch((error) => error.name));
  stop.abort();
  told.push(await pool.ready().catch((error) => error.cause.name));
  await connection.disconnect();
  await server.close();
  const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  const options = { lookup: (_host, _options, answer) => answer(null, addresses), maxAttempts: 1 };
  const lost = connect(server.port, 'two.test', { onConnect() {}, onClose() {} }, options);
  const failure = await lost.ready().catch((error) => error.cause.message);
  console.log(JSON.stringify([told.sort(), failure.replaceAll(server.port, '0')]));
}
void main();`,
  expected: [
    ['AbortError', 'RangeError', 'requested RangeError', 'requested RangeError'],
    'dial to two.test:0 failed (1 in a row): connect ECONNREFUSED 127.0.0.1:0; connect ECONNREFUSED 127.0.0.2:0',
  ],
};

const inside = [
  'dist/index.js',
  'dist/shared.js',
  'dist/pools.js',
  'dist/esm/index.mjs',
  'esm/core.mjs',
  'manager',
  'src/index.ts',
];

const keptInside: PackageProgram = {
  title: 'cannot reach what is inside',
  file: 'inside.mjs',
  text: `
const attempts = ${JSON.stringify(inside)}.map((path) => import('connman/' + path));
const outcomes = await Promise.allSettled(attempts);
console.log(JSON.stringify(outcomes.map(({ status }) => status)));`,
  expected: inside.map(() => 'rejected'),
};

/** What has to hold on every runtime. */
export const programs: readonly PackageProgram[] = [
  importedLife,
  requiredLife,
  sameObjects,
  oneRegistry,
  fewFiles,
  poolsLater,
  contexts,
  keptInside,
];

/** What needs certificates. */
export function securedPool({ ca, localhost }: Certificates): PackageProgram {
  return {
    title: 'has a pool over TLS, which loses its server, comes back, and lends',
    file: 'secured.mjs',
    text: `
import { constant, createPool, staticEndpoints } from 'connman';
import { startFaultServer } from 'connman/testing';
const server = await startFaultServer({ tls: ${JSON.stringify(localhost)} });
const pool = createPool('secured', () => ({ onConnect() {} }), {
  discovery: staticEndpoints([{ ...server.endpoint, host: 'localhost' }]),
  perEndpoint: 2,
  backoff: constant(1),
  tls: { ca: ${JSON.stringify(ca)} },
});
await pool.ready(2);
await server.accept(2);
const ends = [...pool].map(({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)));
server.dropAll('reset');
await Promise.all(ends);
await pool.ready(2);
const echoed = await pool.use(async ({ socket }) => {
  const answer = new Promise((resolve) => socket.once('data', resolve));
  socket.write('hello');
  return String(await answer);
});
const lives = [...pool].map(({ life }) => life);
await pool.disconnect();
await server.close();
console.log(JSON.stringify({ echoed, lives }));`,
    expected: { echoed: 'hello', lives: [2, 2] },
  };
}

/** An ES module, and the CommonJS one that it imports, which end up in the same bundle. */
export const mixed = {
  imported: `
import { createPool, ConnmanError } from 'connman';
import { getPool, OptionError } from './required.cjs';
const pool = createPool('shared', () => ({}));
console.log(JSON.stringify([getPool('shared') === pool, new OptionError('a', 'b', 0) instanceof ConnmanError]));`,
  required: `
const { getPool, OptionError } = require('connman');
exports.getPool = getPool;
exports.OptionError = OptionError;`,
};

/** A program that uses nothing but a backoff. */
export const onlyBackoff = `
import { exponential } from 'connman';
console.log(JSON.stringify(exponential({ initial: 3, random: () => 0.5 }).delay));`;
