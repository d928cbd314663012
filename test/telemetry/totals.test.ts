import { describe, expect } from 'vitest';
import { constant, Requests, type EndpointStats } from '../../src/index.js';
import { echo, silent, startFaultServer } from '../../src/testing/index.js';
import { it, nextTurn, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const atOnce = { backoff: constant(0), stableAfter: 0 };

describe('stats() of a pool', () => {
  it('count by endpoint what all of it has done, with those that have left', async ({ server, manager }) => {
    await using other = await startFaultServer();
    const pool = manager.createPool('p', () => new Recorder(), atOnce);
    const [here] = [
      pool.addConnection(server.port, server.host),
      pool.addConnection(server.port, server.host),
    ];
    const there = pool.addConnection(other.port, other.host);
    await pool.ready();
    for (const { socket, handler } of pool) {
      socket.write('ten bytes.');
      await handler.until('data');
    }
    server.dropAll('reset');
    await Promise.all([...pool].slice(0, 2).map(({ handler }) => handler.until('reconnect')));
    await pool.removeConnection(here);
    const [first, second] = pool.stats().endpoints as [EndpointStats, EndpointStats];
    expect(first).toMatchObject({
      endpoint: { port: server.port },
      size: 1,
      dials: 4,
      lives: 4,
      bytesRead: 20,
      bytesWritten: 20,
      resets: { error: 2, disconnect: 1 },
      failures: { connect: 0 },
    });
    expect(second).toMatchObject({ dials: 1, lives: 1, bytesRead: 10, resets: { error: 0 } });
    expect(pool.stats().gone).toMatchObject({ dials: 0, bytesRead: 0 });
    await pool.removeConnection(there);
    const { endpoints, gone, dials, bytesRead } = pool.stats();
    expect(endpoints).toHaveLength(1);
    expect(gone).toMatchObject({ dials: 1, lives: 1, bytesRead: 10, resets: { error: 0, disconnect: 1 } });
    expect([dials, bytesRead]).toEqual([5, 30]);
    expect([gone, endpoints[0]].every((each) => Object.isFrozen(each))).toBe(true);
  });

  it('count failed dials by phase where they were', async ({ server, manager }) => {
    await server.refuse();
    const pool = manager.createPool('p', () => new Recorder(), atOnce);
    pool.addConnection(server.port, server.host);
    await until(() => pool.stats().failedDials >= 3);
    const { endpoints, failedDials } = pool.stats();
    expect(endpoints[0]).toMatchObject({ failedDials, failures: { connect: failedDials, lookup: 0 } });
  });

  it('count requests and leases that were cut', async ({ server, manager }) => {
    server.script = () => silent();
    const requests = new Requests();
    const pool = manager.createPool('p', () => new Recorder(), atOnce);
    const connection = pool.addConnection(server.port, server.host);
    await pool.ready();
    requests.attach(connection);
    const lease = await pool.acquire();
    const answers = [requests.send('a'), requests.send('b')];
    server.dropAll('reset');
    await Promise.allSettled(answers);
    lease.release();
    const cut = { lostRequests: 2, interrupted: 1 };
    expect(pool.stats()).toMatchObject({ ...cut, endpoints: [cut] });
  });

  it('say how long callers have waited, and leases lasted, and how many there are', async ({
    server,
    manager,
  }) => {
    const pool = manager.createPool('p', () => new Recorder(), atOnce);
    const connection = pool.addConnection(server.port, server.host);
    await pool.ready();
    expect(pool.stats()).toMatchObject({ heldMs: 0, waitedMs: 0 });
    const began = performance.now();
    const lease = await pool.acquire();
    await expect(pool.acquire({ timeout: 20 })).rejects.toThrow('within 20 ms');
    const { heldMs, waitedMs } = pool.stats();
    expect(waitedMs).toBeGreaterThan(15);
    expect(heldMs).toBeGreaterThan(15);
    const waiting = pool.acquire();
    lease.release();
    (await waiting).release();
    const released = performance.now();
    const after = pool.stats();
    expect(after.waitedMs).toBeLessThanOrEqual(released - began);
    expect(after.heldMs).toBeLessThanOrEqual(released - began);
    await until(() => performance.now() > released + 5);
    expect(pool.stats()).toMatchObject({ heldMs: after.heldMs, waitedMs: after.waitedMs });
    // A lease on a connection that has left is none of the pool's.
    await pool.acquire();
    await pool.removeConnection(connection);
    expect(pool.stats()).toMatchObject({ size: 0, leased: 0 });
    expect(pool.stats().heldMs).toBe(pool.stats().heldMs);
  });

  it('never count less of the time that leases have lasted', async ({ server, manager }) => {
    const pool = manager.createPool('p', () => new Recorder(), atOnce);
    for (let count = 0; count < 2; count += 1) pool.addConnection(server.port, server.host);
    await pool.ready();
    const [first, second] = [await pool.acquire(), await pool.acquire()];
    await nextTurn();
    first.release();
    const begin = performance.now();
    while (performance.now() < begin + 3);
    const { heldMs } = pool.stats();
    second.release();
    expect(pool.stats().heldMs).toBeGreaterThanOrEqual(heldMs);
  });

  it('make what is long when it is read, once', async ({ server, manager }) => {
    const pool = manager.createPool('p', () => new Recorder());
    pool.addConnection(server.port, server.host);
    const stats = pool.stats();
    for (const name of ['connections', 'endpoints', 'gone'] as const) {
      expect(Object.getOwnPropertyDescriptor(stats, name)?.get).toBeTypeOf('function');
      expect(stats[name]).toBe(stats[name]);
    }
    expect({ ...stats }).toEqual(stats);
  });

  it('of thousands differ by the bytes between them, whenever they are read', async ({ server, manager }) => {
    server.script = () => echo();
    const pool = manager.createPool('p', () => new Recorder());
    const connection = pool.addConnection(server.port, server.host);
    await pool.ready();
    // These wait for a name, and hold no socket.
    for (let count = 0; count < 1_000; count += 1)
      pool.addConnection({ host: 'name.test', port: 1 }, { lookup: () => undefined });
    const before = pool.stats();
    await new Promise((resolve) => setImmediate(resolve));
    connection.socket.write('ten bytes.');
    await connection.handler.until('data');
    expect([before.bytesRead, pool.stats().bytesRead]).toEqual([0, 10]);
  });
});

describe('stats() of a manager', () => {
  it('count what lone connections have done, by endpoint, with closed ones', async ({ server, manager }) => {
    await using other = await startFaultServer();
    const { port, host } = server;
    const handler = new Recorder();
    const connection = manager.connect([{ port, host }, other.endpoint], handler, atOnce);
    const short = manager.connect(port, host, new Recorder(), atOnce);
    await Promise.all([connection.ready(), short.ready()]);
    connection.socket.write('ten bytes.');
    await handler.until('data');
    await server.refuse();
    server.dropAll('reset');
    await until(() => connection.state === 'ready' && connection.endpoint.port === other.port);
    connection.socket.write('six...');
    await handler.until('data', 2);
    await short.disconnect();
    const { lone } = manager.stats();
    expect(lone).toMatchObject({
      size: 1,
      ready: 1,
      states: { ready: 1, waiting: 0 },
      lives: 3,
      bytesRead: 16,
    });
    const [first, second] = lone.endpoints;
    expect(first).toMatchObject({ endpoint: { port }, size: 0, ready: 0, lives: 2, bytesRead: 10 });
    expect(first?.failures.connect).toBeGreaterThanOrEqual(1);
    expect(second).toMatchObject({ endpoint: other.endpoint, size: 1, ready: 1, dials: 1, bytesRead: 6 });
    await connection.disconnect();
    const { lone: after } = manager.stats();
    expect(after).toMatchObject({ size: 0, lives: 3, bytesRead: 16, endpoints: [] });
    expect(after.gone).toMatchObject({ lives: 3, bytesRead: 16, dials: after.dials });
  });

  it('forget endpoints that no lone connection has any more', async ({ manager }) => {
    const lookup = (): undefined => undefined;
    for (let count = 0; count < 200; count += 1) {
      const connection = manager.connect(1, `name-${count}.test`, new Recorder(), { lookup });
      await connection.disconnect();
    }
    const kept = manager.connect(1, 'kept.test', new Recorder(), { lookup });
    const { endpoints, gone, dials } = manager.stats().lone;
    expect(endpoints).toMatchObject([{ endpoint: kept.endpoint, size: 1, dials: 1 }]);
    expect([gone.dials, dials]).toEqual([200, 201]);
  });
});
