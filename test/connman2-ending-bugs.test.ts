import { describe, expect, vi } from 'vitest';
import { constant } from '../src/index.js';
import { halfOpen, startBlackHole } from '../src/testing/index.js';
import { withFakeTime } from './support/fake-time.js';
import { it, nextTurn, until } from './support/fixtures.js';
import { Recorder } from './support/recorder.js';
import { turns } from './support/repeat.js';

/* What connman 2.0.1 did wrong, continued: how a life and a connection end. */
const atOnce = { backoff: constant(0) };

describe('disconnect()', () => {
  it('ends the wait for the next dial [C5]', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    await withFakeTime(async () => {
      const connection = manager.connect(server.port, server.host, handler, { backoff: constant(163_840) });
      await handler.until('retry');
      expect(connection.state).toBe('waiting');
      expect(vi.getTimerCount()).toBe(1);
      await manager.disconnectAll();
      expect(vi.getTimerCount()).toBe(0);
      vi.advanceTimersByTime(200_000);
      expect(connection.stats().dials).toBe(1);
    });
  });

  it('right after connect() lets no onConnect through [C6a]', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await connection.disconnect();
    expect(handler.events).toEqual(['close']);
    expect(connection.socket.destroyed).toBe(true);
  });

  it('aborts a dial that nobody answers, at once [C6b]', async ({ manager }) => {
    await using hole = await startBlackHole();
    const handler = new Recorder();
    await withFakeTime(async () => {
      const connection = manager.connect(hole.port, hole.host, handler);
      await nextTurn();
      expect(connection.socket.connecting).toBe(true);
      await connection.disconnect();
      expect(connection.socket.destroyed).toBe(true);
      expect(connection.socket.connecting).toBe(false);
    });
    expect(handler.events).toEqual(['close']);
  });

  it('closes a socket whose peer never ends, after 2 000 ms [C8]', async ({ server, manager }) => {
    server.script = () => halfOpen();
    await withFakeTime(async () => {
      const connection = manager.connect(server.port, server.host, new Recorder());
      await connection.ready();
      const closed = connection.disconnect();
      const serverSide = await server.accept(1);
      await until(() => serverSide.ended);
      vi.advanceTimersByTime(1_999);
      expect(connection.socket.destroyed).toBe(false);
      vi.advanceTimersByTime(1);
      await closed;
      expect(connection.socket.destroyed).toBe(true);
    });
  });
});

describe('allowHalfOpen', () => {
  it('does not keep a connection from noticing that the server has ended it [C11]', async ({
    server,
    manager,
  }) => {
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler, { ...atOnce, allowHalfOpen: true });
    await handler.until('connect');
    (await server.accept(1)).end();
    await handler.until('reconnect');
    expect(handler.resets[0]?.code).toBe('remote-end');
  });
});

describe('an aborted signal', () => {
  it('disconnects: nothing is dialled after it [C18]', async ({ server, manager }) => {
    const handler = new Recorder();
    const controller = new AbortController();
    const connection = manager.connect(server.port, server.host, handler, {
      ...atOnce,
      signal: controller.signal,
    });
    await connection.ready();
    const serverSide = await server.accept(1);
    controller.abort(new Error('enough'));
    await handler.until('close');
    await serverSide.closed;
    await turns();
    expect(handler.closings).toMatchObject([{ code: 'aborted', error: { message: 'enough' } }]);
    expect(connection.state).toBe('closed');
    expect(server.accepted).toBe(1);
  });
});
