import type { LookupFunction, Socket } from 'node:net';
import { describe, expect, vi } from 'vitest';
import { ConnectionManager, constant, exponential } from '../src/index.js';
import { end, startBlackHole } from '../src/testing/index.js';
import { withFakeTime } from './support/fake-time.js';
import { nextTurn, until } from './support/fixtures.js';
import { it } from './support/program.js';
import { Recorder } from './support/recorder.js';
import { repeat } from './support/repeat.js';

/*
 * What connman 2.0.1 did wrong: each test fails on the behaviour of then. [C…] is the number of the row in the list of
 * its bugs.
 */
const atOnce = { backoff: constant(0) };

function greet(socket: Socket): void {
  socket.write('HELLO;');
}

describe('global state', () => {
  it('leaks no global variable, and is strict [C1]', async ({ start }) => {
    const told = await start('globals', {}).until('globals');
    expect(told['added']).toEqual([]);
    expect(told['strict']).toBe(true);
  });
});

describe('a backoff', () => {
  it('is not reset by a server that accepts and closes: few dials, and onReset says why [C2]', async ({
    server,
    manager,
  }) => {
    server.script = () => end();
    const handler = new Recorder();
    await withFakeTime(async () => {
      const connection = manager.connect(server.port, server.host, handler);
      await repeat(100, async () => {
        await until(() => connection.state === 'waiting');
        vi.advanceTimersByTime(50);
      });
      await until(() => connection.state === 'waiting');
      expect(server.accepted).toBeGreaterThanOrEqual(4);
      expect(server.accepted).toBeLessThanOrEqual(10);
      await connection.disconnect();
    });
    expect(new Set(handler.resets.map(({ code }) => code))).toEqual(new Set(['remote-end']));
    expect(handler.resets.every(({ delay }, index) => delay !== undefined && delay <= 298 * 2 ** index)).toBe(
      true,
    );
  });

  it('starts within `initial`, is never longer than `max`, and differs from one program to the next [C3]', async ({
    server,
  }) => {
    await server.refuse();
    const options = { backoff: exponential({ initial: 10, factor: 2, max: 128_000 }) };
    const handlers = [new Recorder(), new Recorder()] as const;
    const managers = [new ConnectionManager(), new ConnectionManager()] as const;
    await withFakeTime(async () => {
      for (const [index, handler] of handlers.entries()) {
        managers[index as 0 | 1].connect(server.port, server.host, handler, options);
      }
      await until(() => {
        vi.advanceTimersToNextTimer();
        return handlers.every((handler) => handler.count('retry') >= 20);
      });
      await Promise.all(managers.map((manager) => manager.disconnectAll()));
    });
    const [first, second] = handlers.map((handler) =>
      handler.failures.map(({ delay }) => delay).slice(0, 20),
    );
    expect(Math.max(first?.[0] ?? NaN, second?.[0] ?? NaN)).toBeLessThanOrEqual(10);
    expect(Math.max(...(first ?? []), ...(second ?? []))).toBeLessThanOrEqual(128_000);
    expect(Math.max(...(first ?? []))).toBeGreaterThan(64_000);
    expect(first).not.toEqual(second);
    expect(new Set(first).size).toBe(20);
  });
});

describe('onReset', () => {
  it('is not called for dials that fail, nor after a disconnect() between them [C4]', async ({
    server,
    manager,
  }) => {
    await server.refuse();
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await handler.until('retry', 6);
    await connection.disconnect();
    expect(new Set(handler.events)).toEqual(new Set(['retry', 'close']));
    expect(handler.events.at(-1)).toBe('close');
  });

  it('is called once for a life that is disconnected, and nothing after onClose [C4]', async ({
    server,
    manager,
  }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await connection.ready();
    await connection.disconnect();
    await nextTurn();
    expect(handler.events).toEqual(['connect', 'reset', 'close']);
  });

  it('may throw: the connection is made again [C12]', async ({ server, manager }) => {
    const handler = new Recorder();
    const thrown = new Error('thrown by onReset');
    vi.spyOn(handler, 'onReset').mockImplementation(() => {
      throw thrown;
    });
    manager.connect(server.port, server.host, handler, atOnce);
    await handler.until('connect');
    (await server.accept(1)).reset();
    await handler.until('reconnect');
    expect(handler.errors).toEqual([{ error: thrown, where: 'onReset' }]);
  });
});

describe('a dial', () => {
  it('ends after connectTimeout where nobody answers [C7]', async ({ manager }) => {
    await using hole = await startBlackHole();
    const handler = new Recorder();
    await withFakeTime(async () => {
      const connection = manager.connect(hole.port, hole.host, handler);
      vi.advanceTimersByTime(9_999);
      await nextTurn();
      expect(connection.state).toBe('connecting');
      vi.advanceTimersByTime(1);
      await handler.until('retry');
      expect(handler.failures[0]?.error.cause).toMatchObject({ code: 'CONNMAN_TIMEOUT', timeout: 10_000 });
      await connection.disconnect();
    });
  });

  it('that fails is reported with its cause [C13]', async ({ server, manager }) => {
    await server.refuse();
    const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    const lookup: LookupFunction = (_host, _options, answer) => answer(notFound, '', 0);
    const [refused, unknown] = [new Recorder(), new Recorder()];
    const connection = manager.connect(server.port, server.host, refused, atOnce);
    manager.connect(server.port, 'nowhere.test', unknown, { ...atOnce, lookup });
    await Promise.all([refused.until('retry'), unknown.until('retry')]);
    expect(refused.failures[0]?.error).toMatchObject({
      code: 'CONNMAN_DIAL',
      cause: { code: 'ECONNREFUSED' },
    });
    expect(unknown.failures[0]?.error).toMatchObject({ code: 'CONNMAN_DIAL', cause: notFound });
    expect(connection.stats().lastDialError).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('sends nothing before what onReconnect writes [C17]', async ({ server, manager }) => {
    const handler = new Recorder();
    vi.spyOn(handler, 'onConnect').mockImplementation(greet);
    vi.spyOn(handler, 'onReconnect').mockImplementation(greet);
    const lookup: LookupFunction = (_host, _options, answer) => {
      handler.sockets[0]?.write('STALE;');
      setImmediate(() => answer(null, [{ address: server.host, family: 4 }]));
    };
    const { socket } = manager.connect(server.port, 'server.test', handler, { ...atOnce, lookup });
    handler.sockets.push(socket);
    socket.write('STALE;');
    const first = await server.accept(1);
    expect((await first.until('HELLO;')).toString()).toBe('HELLO;');
    first.reset();
    const second = await server.accept(2);
    expect((await second.until('HELLO;')).toString()).toBe('HELLO;');
  });

  it('heeds timeout, family and lookup, on every life [C20]', async ({ server, manager }) => {
    const families: unknown[] = [];
    const lookup: LookupFunction = (_host, options, answer) => {
      families.push(options.family);
      answer(null, server.host, 4);
    };
    const handler = new Recorder();
    const options = { ...atOnce, lookup, family: 4, timeout: 20 } as const;
    const { socket } = manager.connect(server.port, 'server.test', handler, options);
    await handler.until('connect');
    await new Promise((resolve) => socket.once('timeout', resolve));
    (await server.accept(1)).reset();
    await handler.until('reconnect');
    await new Promise((resolve) => socket.once('timeout', resolve));
    expect(families).toEqual([4, 4]);
    expect(socket.timeout).toBe(20);
  });
});
