import { Socket } from 'node:net';
import { describe, expect } from 'vitest';
import { ClosedError, constant, OptionError, PoolExistsError } from '../src/index.js';
import { call } from './support/call.js';
import { it } from './support/fixtures.js';
import { Recorder } from './support/recorder.js';
import { turns } from './support/repeat.js';

/* What connman 2.0.1 did wrong, continued: what a manager and a pool hold and give, what reaches the program. */
const atOnce = { backoff: constant(0) };
const newRecorder = (): Recorder => new Recorder();

describe('connect()', () => {
  it('twice to one endpoint makes two connections, and disconnectAll() ends both [C9]', async ({
    server,
    manager,
  }) => {
    const connections = [1, 2].map(() => manager.connect(server.port, server.host, newRecorder(), atOnce));
    await Promise.all(connections.map((connection) => connection.ready()));
    const serverSides = await Promise.all([server.accept(1), server.accept(2)]);
    await manager.disconnectAll();
    await Promise.all(serverSides.map((each) => each.closed));
    expect(connections.map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(server.accepted).toBe(2);
  });

  it('throws an Error, not a string [C14]', ({ manager }) => {
    const attempt = (): unknown => manager.connect(0, 'h', newRecorder());
    expect(attempt).toThrow(Error);
    expect(attempt).toThrow(OptionError);
  });

  it('returns the connection; a pool gives the socket by index, and unknown ones are told apart [C15]', async ({
    server,
    manager,
  }) => {
    const connection = manager.connect(server.port, server.host, newRecorder(), atOnce);
    expect(await connection.ready()).toBe(connection.socket);
    expect(connection.socket).toBeInstanceOf(Socket);
    const pool = manager.createPool('one', newRecorder);
    const added = pool.addConnection(server.port, server.host, atOnce);
    expect(pool.getConnection(0)).toBe(added.socket);
    expect(pool.getConnection(0)).toBeInstanceOf(Socket);
    expect(() => pool.getConnection(1)).toThrow(RangeError);
    expect(() => pool.getHandler(1)).toThrow(RangeError);
    expect(manager.getPool('another')).toBeUndefined();
  });

  it('refuses a handler without onConnect [C20]', ({ manager, server }) => {
    const handler = { onReset() {}, onReconnect() {} };
    expect(() => call(manager, 'connect', server.port, server.host, handler)).toThrow(
      'handler.onConnect: expected',
    );
  });
});

describe('createPool()', () => {
  it('refuses the name of a pool that is there, which keeps its connections [C10]', async ({
    server,
    manager,
  }) => {
    const pool = manager.createPool('same', newRecorder, atOnce);
    pool.addConnection(server.port, server.host);
    await pool.ready();
    expect(() => manager.createPool('same', newRecorder)).toThrow(PoolExistsError);
    expect(manager.getPool('same')).toBe(pool);
    const serverSide = await server.accept(1);
    await manager.disconnectAll();
    await serverSide.closed;
    expect(serverSide.open).toBe(false);
  });
});

describe('a pool', () => {
  it('that is disconnected is empty, unknown to its manager and takes nothing more [C16]', async ({
    server,
    manager,
  }) => {
    const pool = manager.createPool('ended', newRecorder, atOnce);
    const connections = [1, 2].map(() => pool.addConnection(server.port, server.host));
    await pool.ready();
    await pool.disconnect();
    expect(pool.size).toBe(0);
    expect(connections.map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(manager.getPool('ended')).toBeUndefined();
    expect(() => pool.addConnection(server.port, server.host)).toThrow(ClosedError);
    expect(() => pool.getConnection(0)).toThrow(RangeError);
    await turns();
    expect(server.accepted).toBe(2);
  });

  it('lets go of a connection that was disconnected by its socket [C16]', async ({ server, manager }) => {
    const pool = manager.createPool('two', newRecorder, atOnce);
    const [, second] = [1, 2].map(() => pool.addConnection(server.port, server.host));
    await pool.ready();
    await pool.getConnection(0).disconnect();
    expect([...pool]).toEqual([second]);
    expect(pool.getConnection(0)).toBe(second?.socket);
    expect(server.accepted).toBe(2);
  });
});

describe('write() while the link is down', () => {
  it('says so to its callback, raises no error, is never sent, and a writer hears when to go on [C19]', async ({
    server,
    manager,
  }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { backoff: constant(10_000) });
    const socket = await connection.ready();
    const raised: Error[] = [];
    socket.on('error', (error) => raised.push(error));
    (await server.accept(1)).end();
    await handler.until('reset');
    const failure = await new Promise<Error | null | undefined>((resolve) => {
      expect(socket.write('LOST', resolve)).toBe(false);
    });
    expect(socket.write('LOST TOO')).toBe(false);
    expect(failure).toBeInstanceOf(ClosedError);
    expect(failure).toMatchObject({ code: 'CONNMAN_CLOSED' });
    const drained = new Promise((resolve) => socket.once('drain', resolve));
    connection.reconnectNow();
    await drained;
    expect(socket.write('kept')).toBe(true);
    expect((await (await server.accept(2)).receive(4)).toString()).toBe('kept');
    expect(raised).toEqual([]);
  });
});
