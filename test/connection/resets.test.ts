import { describe, expect } from 'vitest';
import { constant, type Connection, type ResetCode } from '../../src/index.js';
import { halfOpen, stall, type FaultServer } from '../../src/testing/index.js';
import { passUntil, withFakeTime } from '../support/fake-time.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const atOnce = { backoff: constant(0) };

interface End {
  readonly why: string;
  readonly code: ResetCode;
  readonly error?: object;
  readonly end: (connection: Connection, server: FaultServer) => void;
}

const cause = new Error('said the test');

const ends: readonly End[] = [
  { why: 'the peer ends it', code: 'remote-end', end: (_, server) => server.dropAll('end') },
  {
    why: 'the peer resets it',
    code: 'error',
    error: { code: 'ECONNRESET' },
    end: (_, server) => server.dropAll('reset'),
  },
  { why: 'the program calls end()', code: 'local-end', end: ({ socket }) => void socket.end() },
  { why: 'the program calls destroy()', code: 'local-end', end: ({ socket }) => void socket.destroy() },
  {
    why: 'the program calls destroy(error)',
    code: 'error',
    error: cause,
    end: ({ socket }) => void socket.destroy(cause),
  },
  {
    why: 'the program calls resetAndDestroy()',
    code: 'local-end',
    end: ({ socket }) => void socket.resetAndDestroy(),
  },
  {
    why: 'the program calls destroySoon()',
    code: 'local-end',
    end: ({ socket }) => socket.destroySoon(),
  },
  { why: 'the program calls reset()', code: 'requested', end: (connection) => connection.reset() },
  {
    why: 'the program calls reset(reason)',
    code: 'requested',
    error: cause,
    end: (connection) => connection.reset(cause),
  },
];

describe('a life ends once, and another begins', () => {
  for (const { why, code, error, end } of ends) {
    it(`when ${why}: ${code}`, async ({ server, manager }) => {
      const handler = new Recorder();
      let closes = 0;
      const connection = manager.connect(server.port, server.host, handler, atOnce);
      connection.socket.on('close', () => (closes += 1));
      await handler.until('connect');
      end(connection, server);
      await handler.until('reconnect');
      end(connection, server);
      await handler.until('reconnect', 2);
      expect(handler.events).toEqual(['connect', 'reset', 'reconnect', 'reset', 'reconnect']);
      expect(closes).toBe(2);
      expect(connection.stats().dials).toBe(3);
      const [first, second] = handler.resets;
      expect(first).toMatchObject({
        code,
        life: 1,
        willReconnect: true,
        delay: 0,
        endpoint: connection.endpoint,
      });
      if (error) expect(first?.error).toMatchObject(error);
      else expect(first).not.toHaveProperty('error');
      expect(second).toMatchObject({ code, life: 2 });
      expect(first?.uptime).toBeGreaterThanOrEqual(0);
      expect(Object.isFrozen(first)).toBe(true);
    });
  }

  it('when nobody reads: no onData, one byte and FIN', async ({ server, manager }) => {
    const handler = new Recorder();
    Object.assign(handler, { onData: undefined });
    manager.connect(server.port, server.host, handler, atOnce);
    for (let life = 1; life <= 3; life += 1) {
      const connection = await server.accept(life);
      connection.write('x');
      connection.end();
      await handler.until('reset', life);
    }
    expect(handler.resets.map(({ code }) => code)).toEqual(['remote-end', 'remote-end', 'remote-end']);
  });

  it('when the program has ended and the peer never does', async ({ server, manager }) => {
    server.script = () => halfOpen();
    await withFakeTime(async () => {
      const handler = new Recorder();
      const connection = manager.connect(server.port, server.host, handler, atOnce);
      await handler.until('connect');
      connection.socket.end();
      await passUntil(handler.until('reconnect'));
      expect(handler.resets[0]?.code).toBe('local-end');
      expect(handler.resets[0]?.uptime).toBeGreaterThan(1_900);
      await connection.disconnect({ grace: 0 });
    });
  });

  it('when the peer has ended and takes nothing any more', async ({ server, manager }) => {
    server.script = () => stall();
    await withFakeTime(async () => {
      const handler = new Recorder();
      const connection = manager.connect(server.port, server.host, handler, atOnce);
      await handler.until('connect');
      connection.socket.write(Buffer.alloc(16_000_000));
      (await server.accept(1)).end();
      await passUntil(handler.until('reset'));
      expect(handler.resets[0]?.code).toBe('remote-end');
      expect(handler.resets[0]?.unsentBytes).toBeGreaterThan(0);
      await connection.disconnect({ grace: 0 });
    });
  });
});

describe('with allowHalfOpen', () => {
  const keepsOpen = { ...atOnce, allowHalfOpen: true };

  it('the life ends at the end of the peer when nobody listens for it', async ({ server, manager }) => {
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler, keepsOpen);
    for (let life = 1; life <= 3; life += 1) {
      (await server.accept(life)).end();
      await handler.until('reset', life);
    }
    expect(handler.resets.map(({ code }) => code)).toEqual(['remote-end', 'remote-end', 'remote-end']);
  });

  it('who listens for the end of the peer may go on writing, and ends the life', async ({
    server,
    manager,
  }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, keepsOpen);
    connection.socket.on('end', () => setImmediate(() => connection.socket.write('afterwards')));
    const peer = await server.accept(1);
    peer.end();
    await peer.until('afterwards');
    expect(handler.events).toEqual(['connect']);
    connection.socket.end();
    await handler.until('reset');
    expect(handler.resets[0]?.code).toBe('remote-end');
  });
});

describe('reset()', () => {
  it('does nothing outside a life', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { backoff: constant(60_000) });
    connection.reset();
    await handler.until('connect');
    connection.reset();
    await handler.until('reset');
    connection.reset();
    expect(connection.state).toBe('waiting');
    await connection.disconnect();
    connection.reset();
    expect(handler.events).toEqual(['connect', 'reset', 'close']);
  });

  it('called twice, or after destroy(), ends the life once', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await handler.until('connect');
    connection.socket.destroy();
    connection.reset(cause);
    connection.reset();
    await handler.until('reconnect');
    expect(handler.resets.map(({ code }) => code)).toEqual(['local-end']);
    connection.reset(cause);
    connection.reset();
    await until(() => handler.resets.length === 2);
    expect(handler.resets[1]).toMatchObject({ code: 'requested', error: cause });
  });
});
