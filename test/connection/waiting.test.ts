import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import { constant, OptionError, type Backoff } from '../../src/index.js';
import { end } from '../../src/testing/index.js';
import { pass, useFakeTime } from '../support/fake-time.js';
import { it, nextTurn, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

/** A backoff of the program's own: so many seconds, one more each time. */
function seconds(count: number): Backoff {
  return { delay: count * 1_000, next: () => seconds(count + 1) };
}

describe('waiting', () => {
  beforeEach(useFakeTime);
  afterEach(() => void vi.useRealTimers());

  it('lasts as long as the failure says, one step longer each time', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { backoff: seconds(1) });
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await handler.until('retry', attempt);
      expect(handler.failures.at(-1)).toMatchObject({ attempts: attempt, delay: attempt * 1_000 });
      await pass(attempt * 1_000 - 1, 500);
      expect(connection.stats().dials).toBe(attempt);
      await pass(1);
      expect(connection.stats().dials).toBe(attempt + 1);
    }
    expect(handler.failures[1]?.error.message).toMatch(
      /^dial to 127\.0\.0\.1:\d+ failed \(2 in a row\): connect ECONNREFUSED/,
    );
  });

  it('goes on where it was after a short life, and starts again after a stable one', async ({
    server,
    manager,
  }) => {
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler, { backoff: seconds(1), stableAfter: 5_000 });
    const delays = [];
    for (const uptime of [0, 4_900, 0, 5_100, 0, 6_000]) {
      await handler.until(delays.length === 0 ? 'connect' : 'reconnect', Math.max(1, delays.length));
      await pass(uptime, 100);
      server.dropAll('reset');
      await handler.until('reset', delays.length + 1);
      const { delay = 0 } = handler.resets.at(-1) ?? {};
      delays.push(delay);
      await pass(delay, 500);
    }
    expect(delays).toEqual([1_000, 2_000, 3_000, 1_000, 2_000, 1_000]);
  });

  it('keeps a server that accepts and closes to 10 connects in 5 s, by default', async ({
    server,
    manager,
  }) => {
    server.script = () => end();
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler);
    await pass(5_000, 20);
    expect(server.accepted).toBeGreaterThan(2);
    expect(server.accepted).toBeLessThanOrEqual(10);
    expect(new Set(handler.resets.map(({ code }) => code))).toEqual(new Set(['remote-end']));
  });

  it('ends early by reconnectNow(), and is as long as before the next time', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { backoff: seconds(60) });
    connection.reconnectNow();
    await handler.until('retry');
    connection.reconnectNow();
    connection.reconnectNow();
    await pass(2, 1);
    await handler.until('retry', 2);
    expect(handler.failures.map(({ delay }) => delay)).toEqual([60_000, 61_000]);
    expect(connection.stats().dials).toBe(2);
  });

  it('falls back to one second when the program’s own backoff fails', async ({ server, manager }) => {
    await server.refuse();
    const cause = new Error('no idea');
    const handler = new Recorder();
    const failing: Backoff = {
      get delay(): number {
        throw cause;
      },
      next: () => failing,
    };
    manager.connect(server.port, server.host, handler, { backoff: { delay: 5, next: () => failing } });
    await handler.until('retry');
    await pass(5, 5);
    await handler.until('retry', 2);
    expect(handler.failures.map(({ delay }) => delay)).toEqual([5, 1_000]);
    expect(handler.errors).toEqual([{ error: cause, where: 'backoff' }]);
  });

  it('falls back to one second when the program’s own backoff gives no time', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const invalid: Backoff = { delay: Number.NaN, next: () => invalid };
    manager.connect(server.port, server.host, handler, { backoff: { delay: 5, next: () => invalid } });
    await handler.until('retry');
    await pass(5, 5);
    await handler.until('retry', 2);
    expect(handler.failures[1]?.delay).toBe(1_000);
    expect(handler.errors[0]?.error).toBeInstanceOf(OptionError);
  });
});

describe('maxAttempts', () => {
  it('counts dials that fail in a row', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: constant(60_000),
      maxAttempts: 3,
    });
    await handler.until('connect');
    await server.refuse();
    server.dropAll('reset');
    await handler.until('reset');
    connection.reconnectNow();
    await handler.until('retry');
    connection.reconnectNow();
    await handler.until('retry', 2);
    await server.listen();
    connection.reconnectNow();
    await handler.until('reconnect');
    await server.refuse();
    server.dropAll('reset');
    await handler.until('reset', 2);
    for (let attempt = 3; attempt <= 5; attempt += 1) {
      connection.reconnectNow();
      await until(() => connection.stats().failedDials === attempt);
    }
    expect(handler.failures.map(({ attempts }) => attempts)).toEqual([1, 2, 1, 2]);
    expect(handler.closings[0]).toMatchObject({ code: 'gave-up', lives: 2 });
    expect(connection.state).toBe('closed');
    await nextTurn();
    expect(connection.stats().dials).toBe(2 + 5);
  });
});

describe('reconnectNow()', () => {
  it('inside onReset does not dial before the socket is done closing', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { backoff: constant(60_000) });
    const inherited = handler.onReset.bind(handler);
    const order: string[] = [];
    handler.onReset = (reset) => {
      inherited(reset);
      connection.reconnectNow();
      order.push(`reset ${connection.socket.destroyed}`);
    };
    connection.socket.on('close', () => order.push(`close ${connection.socket.destroyed}`));
    await handler.until('connect');
    server.dropAll('end');
    await handler.until('reconnect');
    expect(order).toEqual(['reset true', 'close true']);
  });
});
