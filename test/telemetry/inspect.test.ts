import { inspect } from 'node:util';
import { expect } from 'vitest';
import { constant } from '../../src/index.js';
import { inspectConnection, inspectPool } from '../../src/telemetry/index.js';
import { it } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const source = {
  id: 3,
  pool: undefined,
  endpoint: { host: '10.0.0.1', port: 6379 },
  state: 'ready',
  life: 2,
};

it.for([
  [{ uptime: 12_900 }, 'Connection 3 { 10.0.0.1:6379, ready, life 2, up 12 s }'],
  [{ uptime: 350.4 }, 'Connection 3 { 10.0.0.1:6379, ready, life 2, up 350 ms }'],
  [{ uptime: 0, state: 'waiting' }, 'Connection 3 { 10.0.0.1:6379, waiting, life 2 }'],
  [{ uptime: 0, pool: 'caches' }, 'Connection 3 { pool "caches", 10.0.0.1:6379, ready, life 2 }'],
  [{ uptime: 0, endpoint: { path: '/run/x.sock' } }, 'Connection 3 { "/run/x.sock", ready, life 2 }'],
  [{ uptime: 0, endpoint: { path: '\0x' } }, 'Connection 3 { "@x", ready, life 2 }'],
  [{ uptime: 0, endpoint: { host: '::1', port: 5 } }, 'Connection 3 { [::1]:5, ready, life 2 }'],
] as const)('a connection: %o', ([facts, text]) => {
  expect(inspectConnection({ ...source, ...facts })).toBe(text);
});

it.for([
  ['a "b"', String.raw`"a \"b\""`],
  ['a\nb', String.raw`"a\nb"`],
  ['a\u001B[31mb', String.raw`"a\u001b[31mb"`],
  ['a\u009B31mb', String.raw`"a\u{9b}31mb"`],
  ['a\u2028b\u202Eb', String.raw`"a\u{2028}b\u{202e}b"`],
  ['a\u{E0041}b', String.raw`"a\u{e0041}b"`],
  ['käse 🧀', '"käse 🧀"'],
] as const)('a name that does something is escaped: %j', ([name, text]) => {
  expect(inspectPool({ name, size: 2, readyCount: 1 })).toBe(`Pool ${text} { 1 of 2 ready }`);
});

it('one line each, wherever they are, whatever is asked for', async ({ server, manager }) => {
  const options = { backoff: constant(60_000) };
  const connection = manager.connect(server.port, server.host, new Recorder(), options);
  const pool = manager.createPool('p', () => new Recorder(), options);
  const member = pool.addConnection(server.port, server.host);
  const where = `127.0.0.1:${server.port}`;
  expect(inspect(member)).toBe(`Connection ${member.id} { pool "p", ${where}, waiting, life 0 }`);
  expect(inspect(pool)).toBe('Pool "p" { 0 of 1 ready }');
  await Promise.all([connection.ready(), pool.ready()]);
  const shown = inspect({ connection }, { depth: 10, showHidden: true });
  expect(shown).toMatch(
    new RegExp(
      `^\\{\\s+connection: Connection ${connection.id} \\{ ${where}, ready, life 1, up \\d+ ms \\}\\s+\\}$`,
    ),
  );
  expect(inspect([pool, manager], { depth: 0, breakLength: Infinity })).toBe(
    '[ Pool "p" { 1 of 1 ready }, ConnectionManager { connections: 1, pools: 1 } ]',
  );
  await manager.disconnectAll();
  expect(`${inspect(connection)} ${inspect(manager)}`).toBe(
    `Connection ${connection.id} { ${where}, closed, life 1 } ConnectionManager { connections: 0, pools: 0 }`,
  );
});
