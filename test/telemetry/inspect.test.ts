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
  [{ uptime: 2_340 }, 'Connection 3 { 10.0.0.1:6379, ready, life 2, up 2.3 s }'],
  [
    { uptime: 0, state: 'closed', closing: { code: 'disconnect' } },
    'Connection 3 { 10.0.0.1:6379, closed (disconnect), life 2 }',
  ],
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
  ['x'.repeat(300), `"${'x'.repeat(200)}…"`],
] as const)('a name that does something is escaped: %j', ([name, text]) => {
  expect(inspectPool({ name, size: 2, readyCount: 1 })).toBe(`Pool ${text} { 1 of 2 ready }`);
});

it('one line each, wherever they are, whatever is asked for', async ({ server, manager }) => {
  const options = { backoff: constant(60_000) };
  const connection = manager.connect(server.port, server.host, new Recorder(), options);
  const pool = manager.createPool('p', () => new Recorder(), options);
  const member = pool.addConnection(server.port, server.host);
  const where = `127.0.0.1:${server.port}`;
  expect(inspect(member)).toBe(`Connection ${member.id} { pool "p", ${where}, waiting }`);
  expect(inspect(pool)).toMatch(/^Pool "p" \{ 0 of 1 ready, down for \d+ ms \}$/);
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
    `Connection ${connection.id} { ${where}, closed (disconnect), life 1 } ConnectionManager { connections: 0, pools: 0 }`,
  );
});

it('what is down says why, for how long, and what comes next', async ({ server, manager }) => {
  await server.refuse();
  const handler = new Recorder();
  const pool = manager.createPool('p', () => handler, { backoff: constant(60_000), connectTimeout: 5_000 });
  const connection = pool.addConnection(server.port, server.host);
  await handler.until('retry');
  connection.reconnectNow();
  await handler.until('retry', 2);
  expect(inspect(connection)).toMatch(
    /^Connection \d+ \{ pool "p", 127\.0\.0\.1:\d+, waiting, ECONNREFUSED × 2, next dial in (?:59|60) s \}$/,
  );
  void pool.acquire({ timeout: 60_000 }).catch(() => undefined);
  expect(inspect(pool)).toMatch(/^Pool "p" \{ 0 of 1 ready, down for \d+ ms, ECONNREFUSED, 1 waits \}$/);
});

it('of what failed in a handshake, the code that it has', async ({ server, manager }) => {
  const handler = new Recorder();
  handler.onConnect = () => {
    throw Object.assign(new Error('\u001B[31mno'), { code: '\u001B[31mno' });
  };
  const connection = manager.connect(server.port, server.host, handler, { backoff: constant(60_000) });
  await handler.until('reset');
  expect(inspect(connection)).toMatch(/, waiting, handshake, next dial in (?:59|60) s, life 1 \}$/);
});

it('of two failures, the later one', async ({ server, manager }) => {
  await server.refuse();
  const handler = new Recorder();
  handler.onConnect = () => {
    throw new Error('no');
  };
  const connection = manager.connect(server.port, server.host, handler, { backoff: constant(20) });
  await handler.until('retry');
  await server.listen();
  await handler.until('reset');
  expect(inspect(connection)).toMatch(/, waiting, CONNMAN_HANDSHAKE × \d+,/);
  await connection.disconnect({ grace: 0 });
});

it('of a lease, whose it is and how it ended', async ({ server, manager }) => {
  const handler = new Recorder();
  const pool = manager.createPool('p', () => handler, { backoff: constant(0) });
  const { id } = pool.addConnection(server.port, server.host);
  await pool.ready();
  const shown = (state: string): string =>
    `Lease { pool "p", connection ${id}, 127.0.0.1:${server.port}, ${state} }`;
  const lease = await pool.acquire();
  expect(inspect(lease)).toBe(shown('held'));
  lease.release();
  expect(inspect(lease)).toBe(shown('released'));
  const cut = await pool.acquire();
  server.dropAll('end');
  await handler.until('reset');
  expect(inspect(cut)).toBe(shown('held, its life ended: remote-end'));
  cut.discard();
  expect(inspect(cut)).toBe(shown('discarded, its life ended: remote-end'));
});

it('of a pool that is disconnected, how far that is', async ({ server, manager }) => {
  const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0) });
  pool.addConnection(server.port, server.host);
  await pool.ready();
  const lease = await pool.acquire();
  const closed = pool.disconnect({ drain: 5_000 });
  expect(inspect(pool)).toMatch(/^Pool "p" \{ closing, \d of 1 ready/);
  lease.release();
  await closed;
  expect(inspect(pool)).toBe('Pool "p" { closed }');
});
