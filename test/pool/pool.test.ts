import { describe, expect } from 'vitest';
import { ClosedError, constant, OptionError, type Endpoint } from '../../src/index.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

class Named extends Recorder {
  readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    super();
    this.endpoint = endpoint;
  }
}

const atOnce = { backoff: constant(0) };

describe('a pool', () => {
  it('holds connections in the order added', async ({ server, manager }) => {
    const pool = manager.createPool('echo', (endpoint) => new Named(endpoint), atOnce);
    const first = pool.addConnection(server.port, server.host);
    const second = pool.addConnection({ port: server.port, host: server.host });
    expect([...pool]).toEqual([first, second]);
    expect(pool.size).toBe(2);
    expect(pool.getConnection(0)).toBe(first.socket);
    expect(pool.getConnection(1)).toBe(second.socket);
    expect(pool.getHandler(1)).toBe(second.handler);
    expect(pool.getHandler(1).endpoint).toEqual({ port: server.port, host: server.host });
    expect(manager.getPool('echo')).toBe(pool);
    await pool.ready();
    expect(pool.readyCount).toBe(2);
  });

  it('says what is wrong with an index', ({ server, manager }) => {
    const pool = manager.createPool('echo', (endpoint) => new Named(endpoint), atOnce);
    expect(() => pool.getConnection(0)).toThrow(
      new RangeError('index: expected a connection of the pool echo, which has none, got 0'),
    );
    pool.addConnection(server.port, server.host);
    for (const index of [1, -1, 0.5, Number.NaN]) {
      expect(() => pool.getHandler(index)).toThrow(RangeError);
      expect(() => pool.getConnection(index)).toThrow(
        `index: expected a whole number from 0 to 0, got ${index}`,
      );
    }
  });

  it('gives its options to its connections, which may override them', async ({ server, manager }) => {
    await server.refuse();
    const pool = manager.createPool('echo', (endpoint) => new Named(endpoint), {
      backoff: constant(11),
      maxAttempts: 2,
    });
    const plain = pool.addConnection(server.port, server.host);
    await plain.handler.until('close');
    const own = pool.addConnection(server.port, server.host, {
      backoff: constant(7),
      maxAttempts: undefined,
    });
    await own.handler.until('close');
    expect(plain.handler.failures.map(({ delay }) => delay)).toEqual([11]);
    expect(own.handler.failures.map(({ delay }) => delay)).toEqual([7]);
  });

  it('loses a connection that is closed, for whatever reason', async ({ server, manager }) => {
    const pool = manager.createPool('echo', (endpoint) => new Named(endpoint), atOnce);
    const connections = [1, 2, 3, 4].map(() => pool.addConnection(server.port, server.host));
    await pool.ready();
    const [first, second, third, fourth] = connections;
    if (!first || !second || !third || !fourth) throw new Error('BUG: four were added');
    await pool.removeConnection(second);
    expect([...pool]).toEqual([first, third, fourth]);
    expect(() => pool.removeConnection(second)).toThrow(OptionError);
    await pool.getConnection(0).disconnect();
    expect([...pool]).toEqual([third, fourth]);
    expect(pool.readyCount).toBe(2);
    await server.refuse();
    const short = pool.addConnection(server.port, server.host, { maxAttempts: 1 });
    await short.handler.until('close');
    expect([...pool]).toEqual([third, fourth]);
    await until(() => pool.readyCount === 2);
  });

  it('counts what is ready', async ({ server, manager }) => {
    const pool = manager.createPool('echo', (endpoint) => new Named(endpoint), { backoff: constant(60_000) });
    for (let count = 0; count < 3; count += 1) pool.addConnection(server.port, server.host);
    expect(pool.readyCount).toBe(0);
    await pool.ready(0);
    await pool.ready(3);
    expect(pool.readyCount).toBe(3);
    (await server.accept(2)).reset();
    await until(() => pool.readyCount === 2);
    const three = pool.ready(3);
    for (const connection of pool) connection.reconnectNow();
    await three;
    expect(pool.stats()).toMatchObject({ name: 'echo', size: 3, ready: 3 });
    expect(
      pool
        .stats()
        .connections.map(({ life }) => life)
        .toSorted((a, b) => a - b),
    ).toEqual([1, 1, 2]);
  });

  it('rejects ready() when it is disconnected, becomes too small, or the signal is aborted', async ({
    server,
    manager,
  }) => {
    await server.refuse();
    const pool = manager.createPool('echo', (endpoint) => new Named(endpoint), atOnce);
    pool.addConnection(server.port, server.host, { maxAttempts: 2 });
    await expect(pool.ready()).rejects.toThrow('pool echo has only 0 connections left: one is closed');
    const controller = new AbortController();
    const aborted = pool.ready(1, { signal: controller.signal });
    const closed = pool.ready(1);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await pool.disconnect();
    await expect(closed).rejects.toBeInstanceOf(ClosedError);
    await expect(pool.ready(0)).rejects.toBeInstanceOf(ClosedError);
  });

  it('is closed for good by disconnect(), which frees its name', async ({ server, manager }) => {
    const pool = manager.createPool('echo', (endpoint) => new Named(endpoint), atOnce);
    const handlers = [1, 2, 3].map(() => pool.addConnection(server.port, server.host).handler);
    await pool.ready();
    const closed = pool.disconnect();
    expect(manager.getPool('echo')).toBeUndefined();
    const successor = manager.createPool('echo', (endpoint) => new Named(endpoint), atOnce);
    await Promise.all([closed, pool.disconnect(), pool[Symbol.asyncDispose]()]);
    for (const handler of handlers) expect(handler.events).toEqual(['connect', 'reset', 'close']);
    expect(pool.size).toBe(0);
    expect(() => pool.addConnection(server.port, server.host)).toThrow(ClosedError);
    expect(manager.getPool('echo')).toBe(successor);
    expect(server.accepted).toBe(3);
  });

  it('adds nothing when its factory disconnects it', async ({ server, manager }) => {
    const pool = manager.createPool('echo', (endpoint) => {
      void pool.disconnect();
      return new Named(endpoint);
    });
    expect(() => pool.addConnection(server.port, server.host)).toThrow(ClosedError);
    expect(pool.size).toBe(0);
    await manager.disconnectAll();
    expect(server.accepted).toBe(0);
  });

  it('leaves nothing open when the first lookup of a connection disconnects it', async ({
    server,
    manager,
  }) => {
    const pool = manager.createPool('echo', (endpoint) => new Named(endpoint), {
      lookup: (_host, options, answer) => {
        void pool.disconnect();
        if (options.all) answer(null, [{ address: server.host, family: 4 }]);
        else answer(null, server.host, 4);
      },
    });
    const { handler } = pool.addConnection(server.port, 'name.test');
    await handler.until('close');
    expect(handler.events).toEqual(['close']);
    expect(pool.size).toBe(0);
  });

  it('may be changed while it is iterated', async ({ server, manager }) => {
    const pool = manager.createPool('echo', (endpoint) => new Named(endpoint), atOnce);
    for (let count = 0; count < 3; count += 1) pool.addConnection(server.port, server.host);
    await pool.ready();
    for (const connection of pool) await pool.removeConnection(connection);
    expect(pool.size).toBe(0);
  });
});
