import { BlockList, type LookupFunction } from 'node:net';
import { describe, expect } from 'vitest';
import {
  constant,
  type Connection,
  type ConnectionStats,
  type Pool,
  type PoolStats,
} from '../../src/index.js';
import { echo, silent, stall, startFaultServer, type Script } from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const atOnce = { backoff: constant(0) };

const noResets = {
  'remote-end': 0,
  error: 0,
  'local-end': 0,
  handshake: 0,
  heartbeat: 0,
  idle: 0,
  'max-age': 0,
  retired: 0,
  'max-buffered': 0,
  requested: 0,
  disconnect: 0,
};
const noFailures = { lookup: 0, connect: 0, prelude: 0, tls: 0 };

/** The numbers of a snapshot that must never become less. */
function counters(stats: ConnectionStats | PoolStats): number[] {
  const {
    dials,
    failedDials,
    failures,
    lives,
    resets,
    bytesRead,
    bytesWritten,
    pings,
    handlerErrors,
    refusedWrites,
  } = stats;
  const kinds = [...Object.values(failures), ...Object.values(resets)];
  return [dials, failedDials, lives, bytesRead, bytesWritten, pings, handlerErrors, refusedWrites, ...kinds];
}

/** Takes snapshots, and fails when a counter is less than before. */
class Watcher {
  readonly #watched: Connection | Pool;
  #before: readonly number[] = [];

  constructor(watched: Connection | Pool) {
    this.#watched = watched;
  }

  look(): void {
    const now = counters(this.#watched.stats());
    expect(now.filter((count, index) => count < (this.#before[index] ?? 0))).toEqual([]);
    this.#before = now;
  }
}

describe('stats() of a connection', () => {
  it('are zero where nothing has happened, and frozen to the bottom', ({ server, manager }) => {
    const connection = manager.connect(server.port, server.host, new Recorder());
    const { id, endpoint } = connection;
    const found = connection.stats();
    expect(found).toEqual({
      id,
      pool: undefined,
      retiring: false,
      endpoint,
      state: 'connecting',
      life: 0,
      uptime: 0,
      unsentBytes: 0,
      gate: { state: 'up', window: 1, dialling: 1, waiting: 0, nextDialAt: undefined },
      dials: 1,
      failedDials: 0,
      failures: noFailures,
      lives: 0,
      resets: noResets,
      bytesRead: 0,
      bytesWritten: 0,
      pings: 0,
      handlerErrors: 0,
      refusedWrites: 0,
      lastReset: undefined,
      lastResetAt: undefined,
      lastDialError: undefined,
      lastDialErrorAt: undefined,
    });
    for (const each of [found, found.failures, found.resets, found.gate])
      expect(Object.isFrozen(each)).toBe(true);
  });

  it('count resets by code, failed dials by phase, and errors of the handler', async ({
    server,
    manager,
  }) => {
    const handler = new Recorder();
    handler.onRetry = () => {
      throw new Error('thrown by the test');
    };
    let found = false;
    const lookup: LookupFunction = (_, options, answer) => {
      const error = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
      if (!found) answer(error, '');
      else if (options.all) answer(null, [{ address: server.host, family: 4 }]);
      else answer(null, server.host, 4);
    };
    const connection = manager.connect(server.port, 'name.test', handler, { ...atOnce, lookup });
    await handler.until('error', 2);
    found = true;
    await handler.until('connect');
    const failed = connection.stats();
    expect(failed).toMatchObject({ lives: 1, resets: noResets, failures: { connect: 0, tls: 0 } });
    expect(failed.failures.lookup).toBe(failed.failedDials);
    expect(failed.handlerErrors).toBe(failed.failedDials);
    expect(failed.failedDials).toBeGreaterThanOrEqual(2);
    connection.reset();
    await handler.until('reconnect');
    server.dropAll('end');
    await handler.until('reconnect', 2);
    server.dropAll('end');
    await handler.until('reconnect', 3);
    expect(connection.stats()).toMatchObject({
      lives: 4,
      resets: { ...noResets, requested: 1, 'remote-end': 2 },
      failedDials: failed.failedDials,
    });
    // The first snapshot is what it was.
    expect(failed.resets).toEqual(noResets);
  });

  it('count pings', async ({ server, manager }) => {
    server.script = () => silent();
    const heartbeat = { interval: 5, timeout: 5, ping: () => undefined };
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { ...atOnce, heartbeat });
    await handler.until('reset', 2);
    expect(connection.stats().pings).toBeGreaterThanOrEqual(2);
    expect(connection.stats().resets.heartbeat).toBeGreaterThanOrEqual(2);
  });

  it.for(['TCP', 'TLS'])(
    'count bytes over all lives, and never less, whatever is lost: %s',
    async (transport, { manager }) => {
      const { ca, localhost } = await certificates();
      const script: Script = (life) => (life % 2 === 0 ? stall() : echo());
      const isTls = transport === 'TLS';
      await using server = await startFaultServer({ script, ...(isTls && { tls: localhost }) });
      const handler = new Recorder();
      const connection = manager.connect(server.port, server.host, handler, {
        ...atOnce,
        ...(isTls && { tls: { ca } }),
      });
      const watcher = new Watcher(connection);
      connection.socket.on('close', () => watcher.look());
      await handler.until('connect');
      let echoed = 0;
      for (let life = 1; life <= 6; life += 1) {
        await until(() => connection.state === 'ready' && connection.life === life);
        if (life % 2 === 0) {
          for (let chunk = 0; chunk < 40; chunk += 1) connection.socket.write('é'.repeat(100_000));
          expect(connection.stats().unsentBytes).toBe(connection.socket.writableLength);
          expect(connection.stats().unsentBytes).toBeGreaterThan(0);
        } else {
          connection.socket.write('é'.repeat(1_000));
          echoed += 2_000;
          await until(() => (handler.input[life - 1]?.length ?? 0) === 2_000);
        }
        watcher.look();
        server.dropAll('reset');
        await handler.until('reset', life);
        watcher.look();
        expect(connection.stats().unsentBytes).toBe(0);
      }
      await connection.disconnect();
      watcher.look();
      const { bytesRead, bytesWritten } = connection.stats();
      expect(bytesRead).toBe(echoed);
      expect(bytesWritten).toBeGreaterThan(echoed);
      expect(bytesWritten).toBeLessThan(echoed + 3 * 40 * 200_000);
    },
  );

  it('count the bytes of a life once when the next dial is refused by Node.js', async ({
    server,
    manager,
  }) => {
    const blockList = new BlockList();
    blockList.addAddress('127.0.0.9');
    const handler = new Recorder();
    const { host, port } = server;
    const endpoints = [
      { host, port },
      { host: '127.0.0.9', port },
    ];
    const connection = manager.connect(endpoints, handler, { ...atOnce, blockList });
    await handler.until('connect');
    connection.socket.write('twelve bytes');
    await handler.until('data');
    server.dropAll('reset');
    await handler.until('retry');
    await handler.until('reconnect');
    expect(connection.stats()).toMatchObject({ bytesRead: 12, bytesWritten: 12, dials: 3, failedDials: 1 });
  });
});

describe('stats() of a pool', () => {
  it('sum up its connections, also those that have left', async ({ server, manager }) => {
    const { port, host } = server;
    const handlers: Recorder[] = [];
    const pool = manager.createPool('p', () => (handlers.push(new Recorder()), handlers.at(-1) as Recorder), {
      ...atOnce,
      stableAfter: 0,
    });
    const watcher = new Watcher(pool);
    expect(pool.stats()).toMatchObject({ size: 0, added: 0, removed: 0, lives: 0, resets: noResets });
    const [first] = [pool.addConnection(port, host), pool.addConnection(port, host)];
    await pool.ready();
    pool.getConnection(0).write('0123456789');
    pool.getConnection(1).write('01234');
    await Promise.all(handlers.map((handler) => handler.until('data')));
    server.dropAll('reset');
    await Promise.all(handlers.map((handler) => handler.until('reconnect')));
    watcher.look();
    const both = pool.stats();
    expect(both).toMatchObject({
      name: 'p',
      size: 2,
      ready: 2,
      states: { waiting: 0, connecting: 0, handshaking: 0, ready: 2, closing: 0, closed: 0 },
      added: 2,
      removed: 0,
      dials: 4,
      lives: 4,
      resets: { ...noResets, error: 2 },
      failures: noFailures,
      bytesRead: 15,
      bytesWritten: 15,
      unsentBytes: 0,
    });
    expect(both.connections.map(({ pool: name, bytesRead }) => [name, bytesRead])).toEqual([
      ['p', 10],
      ['p', 5],
    ]);
    (handlers[0] as Recorder).onClose = () => {
      watcher.look();
      throw new Error('thrown by the test');
    };
    await pool.removeConnection(first);
    watcher.look();
    expect(pool.stats()).toMatchObject({
      size: 1,
      states: { ready: 1 },
      added: 2,
      removed: 1,
      dials: 4,
      lives: 4,
      resets: { ...noResets, error: 2, disconnect: 1 },
      bytesRead: 15,
      handlerErrors: 1,
    });
    await pool.disconnect();
    watcher.look();
    expect(pool.stats()).toMatchObject({ size: 0, removed: 2, lives: 4, bytesWritten: 15, connections: [] });
    for (const each of [both, both.states, both.failures, both.resets])
      expect(Object.isFrozen(each)).toBe(true);
  });

  it('have the failed dials of those that have given up', async ({ server, manager }) => {
    await server.refuse();
    const handlers: Recorder[] = [];
    const factory = (): Recorder => (handlers.push(new Recorder()), handlers.at(-1) as Recorder);
    const pool = manager.createPool('p', factory, { ...atOnce, maxAttempts: 1 });
    for (let count = 0; count < 2; count += 1) pool.addConnection(server.port, server.host);
    await Promise.all(handlers.map((handler) => handler.until('close')));
    const { size, dials, failedDials, failures, lives } = pool.stats();
    expect({ size, lives }).toEqual({ size: 0, lives: 0 });
    expect(failedDials).toBe(dials);
    expect(failures).toEqual({ ...noFailures, connect: dials });
    expect(dials).toBeGreaterThan(0);
  });

  it('say in which states its connections are, and what waits to be sent', async ({ server, manager }) => {
    const { port, host } = server;
    server.script = () => stall();
    const pool = manager.createPool('p', () => new Recorder());
    pool.addConnection(port, host);
    await pool.ready();
    pool.addConnection(port, 'name.test', { lookup: () => undefined });
    const { socket } = [...pool][0] as Connection;
    for (let chunk = 0; chunk < 40; chunk += 1) socket.write(Buffer.alloc(200_000));
    void [...pool][0]?.disconnect();
    expect(pool.stats()).toMatchObject({
      size: 2,
      ready: 0,
      states: { waiting: 0, connecting: 1, handshaking: 0, ready: 0, closing: 1, closed: 0 },
      unsentBytes: socket.writableLength,
    });
    expect(pool.stats().unsentBytes).toBeGreaterThan(0);
  });
});
