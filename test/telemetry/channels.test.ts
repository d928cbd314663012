import { describe, expect } from 'vitest';
import { constant, Requests } from '../../src/index.js';
import { silent } from '../../src/testing/index.js';
import { channelNames, it } from '../support/channels.js';
import { until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const atOnce = { backoff: constant(0) };

describe('the channels of a connection', () => {
  it('tell of a whole life-cycle, in order', async ({ server, manager, channels }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: constant(1),
    });
    await handler.until('connect');
    await server.refuse();
    server.dropAll('end');
    await handler.until('retry');
    await server.listen();
    await handler.until('reconnect');
    await connection.disconnect();
    const retries = handler.count('retry');
    expect(channels.names.filter((name) => !name.startsWith('gate:'))).toEqual([
      ...['create', 'dial', 'connected', 'ready', 'reset'].map((name) => `connection:${name}`),
      ...Array.from({ length: retries }, () => ['connection:dial', 'connection:dial-failed']).flat(),
      ...['dial', 'connected', 'ready', 'disconnect', 'reset', 'close'].map((name) => `connection:${name}`),
    ]);
  });

  it('tell what the handler is told, and whose it is', async ({ server, manager, channels }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { ...atOnce, maxAttempts: 2 });
    await handler.until('connect');
    await server.refuse();
    server.dropAll('reset');
    await handler.until('close');
    const { id, endpoint } = connection;
    const common = { id, pool: undefined, endpoint };
    expect(channels.of('connman:connection:create')).toEqual([{ ...common, life: 0 }]);
    expect(channels.of('connman:connection:reset')).toEqual([{ ...common, ...handler.resets[0] }]);
    const [first, last] = channels.of('connman:connection:dial-failed');
    expect(first).toEqual({ ...common, life: 1, ...handler.failures[0] });
    expect(last).toEqual({
      ...common,
      life: 1,
      error: handler.closings[0]?.error,
      phase: 'connect',
      attempts: 2,
      delay: undefined,
    });
    expect(channels.of('connman:connection:close')).toEqual([{ ...common, life: 1, ...handler.closings[0] }]);
    expect(channels.of('connman:connection:disconnect')).toEqual([]);
    for (const { payload } of channels.heard) expect(Object.isFrozen(payload)).toBe(true);
  });

  it('tell of an endpoint that failed, not of the next one', async ({ server, manager, channels }) => {
    const { host, port } = server;
    const nowhere = { path: '/nowhere/connman.sock' };
    const connection = manager.connect([nowhere, { host, port }], new Recorder(), atOnce);
    await connection.ready();
    expect(channels.of('connman:connection:dial-failed')).toMatchObject([{ endpoint: nowhere, delay: 0 }]);
    expect(channels.of('connman:connection:ready')).toMatchObject([{ endpoint: { host, port } }]);
  });

  it('tell of an abort, also before the first dial', async ({ server, manager, channels }) => {
    const reason = new Error('shutting down');
    const handler = new Recorder();
    const signal = AbortSignal.abort(reason);
    manager.connect(server.port, server.host, handler, { signal });
    await handler.until('close');
    expect(channels.names).toEqual(['connection:create', 'connection:disconnect', 'connection:close']);
    expect(channels.of('connman:connection:disconnect')).toMatchObject([{ code: 'aborted', error: reason }]);
  });

  it('tell of errors of the handler, in the life they belong to', async ({ server, manager, channels }) => {
    const error = new Error('thrown by the test');
    const handler = new Recorder();
    handler.onReset = () => {
      throw error;
    };
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await handler.until('connect');
    server.dropAll('end');
    await handler.until('reconnect');
    expect(channels.of('connman:connection:handler-error')).toEqual([
      { id: connection.id, pool: undefined, endpoint: connection.endpoint, life: 1, error, where: 'onReset' },
    ]);
  });

  it('tell of pings', async ({ server, manager, channels }) => {
    server.script = () => silent();
    const ping = (): void => undefined;
    const heartbeat = { interval: 5, timeout: 5, ping };
    const connection = manager.connect(server.port, server.host, new Recorder(), { ...atOnce, heartbeat });
    await until(() => channels.names.includes('connection:reset'));
    expect(channels.of('connman:connection:ping')[0]).toMatchObject({ id: connection.id, life: 1 });
    expect(channels.of('connman:connection:reset')[0]).toMatchObject({ code: 'heartbeat' });
  });

  it('tell of a life that retires, before it ends', async ({ server, manager, channels }) => {
    const error = new Error('GOAWAY');
    const connection = manager.connect(server.port, server.host, new Recorder(), atOnce);
    await connection.ready();
    await connection.retire(error);
    await connection.retire();
    const { endpoint, id } = connection;
    const message = { id, pool: undefined, endpoint, life: 1, code: 'retired', error };
    expect(channels.of('connman:connection:retire')).toEqual([message]);
    expect(channels.names.slice(-2)).toEqual(['connection:retire', 'connection:reset']);
  });

  it('have an id for each connection, which is that of the connection', async ({
    server,
    manager,
    channels,
  }) => {
    const connections = [1, 2].map(() => manager.connect(server.port, server.host, new Recorder()));
    await Promise.all(connections.map((connection) => connection.ready()));
    const ids = connections.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect(channels.of('connman:connection:create').map(({ id }) => id)).toEqual(ids);
  });
});

describe('the channels of a pool', () => {
  it('tell of its connections, until the last is closed', async ({ server, manager, channels }) => {
    const { port, host } = server;
    const pool = manager.createPool('p', () => new Recorder());
    const connections = [pool.addConnection(port, host), pool.addConnection(port, host)] as const;
    const [first, second] = connections;
    await pool.ready();
    await pool.removeConnection(first);
    await pool.disconnect();
    const ofPool = channels.heard.filter(({ name }) => /^connman:pool:(?!.*state)/.test(name));
    const { endpoint } = first;
    expect(ofPool.map(({ name, payload }) => [name.replace('connman:pool:', ''), payload])).toEqual([
      ['create', { pool: 'p', size: 0 }],
      ['add', { pool: 'p', size: 1, id: first.id, endpoint }],
      ['add', { pool: 'p', size: 2, id: second.id, endpoint }],
      ['remove', { pool: 'p', size: 1, id: first.id, endpoint }],
      ['disconnect', { pool: 'p', size: 1 }],
      ['remove', { pool: 'p', size: 0, id: second.id, endpoint }],
      ['close', { pool: 'p', size: 0 }],
    ]);
    expect(channels.names.slice(-3)).toEqual(['connection:close', 'pool:remove', 'pool:close']);
    const ofConnections = channels.of('connman:connection:ready');
    expect(ofConnections.map((payload) => payload.pool)).toEqual(['p', 'p']);
  });

  it('close at once when there is nothing in it, and once', async ({ manager, channels }) => {
    const pool = manager.createPool('empty', () => new Recorder());
    await Promise.all([pool.disconnect(), pool.disconnect()]);
    await pool.disconnect();
    expect(channels.names).toEqual(['pool:create', 'pool:disconnect', 'pool:close']);
  });

  it('close once when the last connection is closing already', async ({ server, manager, channels }) => {
    const pool = manager.createPool('p', () => new Recorder());
    const connection = pool.addConnection(server.port, server.host);
    channels.on('connman:connection:close', () => void pool.disconnect());
    await pool.ready();
    await connection.disconnect();
    await until(() => channels.names.includes('pool:close'));
    expect(channels.names.slice(-4)).toEqual([
      'connection:close',
      'pool:disconnect',
      'pool:remove',
      'pool:close',
    ]);
  });
});

describe('a subscriber', () => {
  for (const name of channelNames.filter((each) => each.startsWith('connman:connection:'))) {
    it(`may disconnect in ${name}`, async ({ server, manager, channels }) => {
      server.script = () => silent();
      const handler = new Recorder();
      handler.onReconnect = () => {
        throw new Error('thrown by the test');
      };
      const pool = manager.createPool('p', () => handler);
      let after: number | undefined;
      channels.on(name, () => {
        after ??= channels.heard.length;
        void pool.disconnect({ grace: 0 });
      });
      const requests = new Requests();
      channels.on('connman:connection:connected', () => void requests.send('?').catch(() => {}));
      const connection = pool.addConnection(server.port, server.host, {
        ...atOnce,
        heartbeat: { interval: 5, timeout: 5, ping: fail },
      });
      if (name === 'connman:connection:write-refused') connection.socket.write('too early', () => undefined);
      requests.attach(connection);
      if (name === 'connman:connection:retire')
        channels.on('connman:connection:ready', () => void connection.retire());
      await until(() => channels.names.includes('connection:reset') || after !== undefined);
      if (name === 'connman:connection:dial-failed') await server.refuse();
      if (/:(?:disconnect|close)$/.test(name)) void pool.disconnect();
      await until(() => channels.names.includes('pool:close'));
      expect(after).toBeDefined();
      const late = channels.names.slice(after);
      expect(late).not.toContain('connection:dial');
      expect(late).not.toContain('connection:ready');
      expect(late.slice(-2)).toEqual(['pool:remove', 'pool:close']);
      expect(channels.names.filter((each) => each === 'connection:close')).toHaveLength(1);
      expect(handler.count('reset')).toBe(channels.of('connman:connection:connected').length);
      expect(handler.events.at(-1)).toBe('close');
      expect(handler.count('retry')).toBe(0);
    });
  }

  it('may add a connection, and make a pool', async ({ server, manager, channels }) => {
    const { port, host } = server;
    const pool = manager.createPool('p', () => new Recorder(), { ...atOnce, stableAfter: 0 });
    channels.on('connman:connection:reset', ({ willReconnect }) => {
      if (willReconnect) pool.addConnection(port, host);
    });
    channels.on('connman:pool:disconnect', ({ pool: name }) => {
      if (name === 'p') manager.createPool(name, () => new Recorder());
    });
    pool.addConnection(port, host);
    await pool.ready();
    server.dropAll('end');
    await until(() => pool.readyCount === 2);
    await pool.disconnect();
    expect(manager.getPool('p')).not.toBe(pool);
  });

  it('that adds to a pool which is being disconnected is refused', async ({ server, manager, channels }) => {
    const { port, host } = server;
    const pool = manager.createPool('p', () => new Recorder());
    const refused: unknown[] = [];
    const add = (): void => {
      try {
        pool.addConnection(port, host);
      } catch (error) {
        refused.push(error);
      }
    };
    channels.on('connman:pool:disconnect', add);
    channels.on('connman:connection:disconnect', add);
    pool.addConnection(port, host);
    await pool.disconnect();
    expect(refused).toMatchObject([{ code: 'CONNMAN_CLOSED' }, { code: 'CONNMAN_CLOSED' }]);
    expect(pool.size).toBe(0);
  });

  it('that throws disturbs nobody', async ({ server, manager, channels }) => {
    const uncaught: unknown[] = [];
    const others = process.listeners('uncaughtException');
    const collect = (error: unknown): void => void uncaught.push(error);
    for (const other of others) process.off('uncaughtException', other);
    process.on('uncaughtException', collect);
    try {
      for (const name of channelNames) {
        channels.on(name, () => {
          throw new Error(name);
        });
      }
      const handler = new Recorder();
      const pool = manager.createPool('p', () => handler, atOnce);
      pool.addConnection(server.port, server.host);
      await pool.ready();
      server.dropAll('reset');
      await handler.until('reconnect');
      await pool.disconnect();
      await until(() => uncaught.length === channels.heard.length);
      expect(handler.events).toEqual(['connect', 'reset', 'reconnect', 'reset', 'close']);
      expect(handler.errors).toEqual([]);
    } finally {
      process.off('uncaughtException', collect);
      for (const other of others) process.on('uncaughtException', other);
    }
  });
});

function fail(): void {
  throw new Error('thrown by the test');
}
