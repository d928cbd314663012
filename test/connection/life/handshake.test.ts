import { describe, expect, vi } from 'vitest';
import { constant, HandshakeError, TimeoutError } from '../../../src/index.js';
import { it, nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

const atOnce = { backoff: constant(0) };

/** A handler whose handshakes the test decides, one by one. */
class Shaking extends Recorder {
  readonly pending: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  override onConnect(socket: never): Promise<void> {
    void super.onConnect(socket);
    return this.#shake();
  }

  override onReconnect(socket: never): Promise<void> {
    void super.onReconnect(socket);
    return this.#shake();
  }

  #shake(): Promise<void> {
    return new Promise((resolve, reject) => this.pending.push({ resolve, reject }));
  }
}

describe('a handshake', () => {
  it('makes the connection ready when it resolves, and not before', async ({ server, manager }) => {
    const handler = new Shaking();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    let isReady = false;
    const ready = connection.ready().then(() => (isReady = true));
    for (let life = 1; life <= 2; life += 1) {
      await until(() => handler.pending.length === life);
      await nextTurn();
      expect(connection.state).toBe('handshaking');
      expect(isReady).toBe(life > 1);
      handler.pending[life - 1]?.resolve();
      await until(() => connection.state === 'ready');
      await ready;
      if (life === 1) server.dropAll('end');
    }
  });

  it('that is not asynchronous makes it ready at once', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler);
    await handler.until('connect');
    expect(connection.state).toBe('ready');
    expect(await connection.ready()).toBe(connection.socket);
  });

  it('that rejects or throws ends the life', async ({ server, manager }) => {
    const handler = new Shaking();
    const cause = new Error('wrong password');
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await until(() => handler.pending.length === 1);
    handler.pending[0]?.reject(cause);
    await handler.until('reset');
    expect(handler.resets[0]).toMatchObject({
      code: 'handshake',
      error: { code: 'CONNMAN_HANDSHAKE', cause },
    });
    expect(handler.resets[0]?.error).toBeInstanceOf(HandshakeError);
    expect(handler.resets[0]?.error?.message).toMatch(
      /^onConnect failed with 127.0.0.1:\d+: wrong password$/,
    );
    vi.spyOn(handler, 'onReconnect').mockImplementationOnce(() => {
      throw cause;
    });
    await handler.until('reset', 2);
    expect(handler.resets[1]?.error?.message).toMatch(/^onReconnect failed/);
    expect(handler.count('error')).toBe(0);
    await until(() => handler.pending.length === 2);
    handler.pending[1]?.resolve();
    await connection.ready();
  });

  it.for([Object.create(null), { toString: 5 }, undefined, Symbol('s')])(
    'that rejects with something that says nothing ends the life: %o',
    async (cause: unknown, { server, manager }) => {
      const handler = new Shaking();
      manager.connect(server.port, server.host, handler, atOnce);
      await until(() => handler.pending.length === 1);
      handler.pending[0]?.reject(cause);
      await handler.until('reset');
      expect(handler.resets[0]?.code).toBe('handshake');
      expect(handler.resets[0]?.error).toMatchObject({ name: 'HandshakeError', cause });
    },
  );

  it('that takes too long ends the life', async ({ server, manager }) => {
    const handler = new Shaking();
    manager.connect(server.port, server.host, handler, { ...atOnce, handshakeTimeout: 20 });
    await handler.until('reset');
    expect(handler.resets[0]?.code).toBe('handshake');
    expect(handler.resets[0]?.error?.cause).toBeInstanceOf(TimeoutError);
    expect(handler.resets[0]?.error?.cause).toMatchObject({ timeout: 20 });
  });

  it('that settles after its life concerns no later one', async ({ server, manager }) => {
    const handler = new Shaking();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await until(() => handler.pending.length === 1);
    server.dropAll('reset');
    await until(() => handler.pending.length === 2);
    handler.pending[0]?.resolve();
    await nextTurn();
    expect(connection.state).toBe('handshaking');
    handler.pending[0]?.reject(new Error('late'));
    server.dropAll('reset');
    await until(() => handler.pending.length === 3);
    handler.pending[1]?.reject(new Error('late'));
    handler.pending[2]?.resolve();
    await connection.ready();
    expect(handler.resets.map(({ code }) => code)).toEqual(['error', 'error']);
  });

  it('goes out before what others write: they are refused until the link is up', async ({
    server,
    manager,
  }) => {
    const handler = new Recorder();
    const greeting = (): void => void connection.socket.write('HELLO;');
    vi.spyOn(handler, 'onConnect').mockImplementation(greeting);
    vi.spyOn(handler, 'onReconnect').mockImplementation(greeting);
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    for (let life = 1; life <= 3; life += 1) {
      expect(connection.socket.write('STALE;')).toBe(false);
      const peer = await server.accept(life);
      await peer.until('HELLO;');
      expect(peer.receivedBytes().toString()).toBe('HELLO;');
      peer.reset();
      await handler.until('reset', life);
    }
  });

  it("lets writers go on, by 'drain', once it is done", async ({ server, manager }) => {
    const handler = new Shaking();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    let drains = 0;
    connection.socket.on('drain', () => (drains += 1));
    connection.socket.write('refused');
    await until(() => handler.pending.length === 1);
    await nextTurn();
    expect(drains).toBe(0);
    handler.pending[0]?.resolve();
    await until(() => drains === 1);
    server.dropAll('end');
    await until(() => handler.pending.length === 2);
    handler.pending[1]?.resolve();
    await connection.ready();
    await nextTurn();
    expect(drains).toBe(1);
  });
});
