import type { LookupFunction } from 'node:net';
import { describe, expect } from 'vitest';
import { ClosedError, constant, type Connection } from '../../src/index.js';
import { halfOpen, stall } from '../../src/testing/index.js';
import { it, nextTurn, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const never: LookupFunction = () => undefined;

class NeverDone extends Recorder {
  override onConnect(socket: never): Promise<void> {
    void super.onConnect(socket);
    return new Promise(() => undefined);
  }
}

describe('disconnect()', () => {
  it('while connecting: the dial is aborted, and only onClose is called', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler);
    await connection.disconnect();
    expect(connection.state).toBe('closed');
    expect(connection.socket.destroyed).toBe(true);
    expect(handler.events).toEqual(['close']);
    expect(handler.closings[0]).toEqual({ code: 'disconnect', endpoint: connection.endpoint, lives: 0 });
  });

  it('during a lookup that never answers', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'name.test', handler, { lookup: never });
    await connection.disconnect();
    expect(handler.events).toEqual(['close']);
  });

  it('while waiting: the timer is gone', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { backoff: constant(60_000) });
    await handler.until('connect');
    server.dropAll('end');
    await handler.until('reset');
    expect(connection.state).toBe('waiting');
    const closed = connection.disconnect();
    expect(connection.state).toBe('closing');
    expect(handler.events).toEqual(['connect', 'reset']);
    await closed;
    expect(handler.events).toEqual(['connect', 'reset', 'close']);
  });

  it('during a handshake: onReset, then onClose', async ({ server, manager }) => {
    const handler = new NeverDone();
    const connection = manager.connect(server.port, server.host, handler);
    await handler.until('connect');
    await connection.disconnect();
    expect(handler.events).toEqual(['connect', 'reset', 'close']);
    expect(handler.resets[0]).toMatchObject({ code: 'disconnect', willReconnect: false });
    expect(handler.resets[0]).not.toHaveProperty('delay');
  });

  it('when ready: flushes what was written, and hears what the peer still says', async ({
    server,
    manager,
  }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler);
    await handler.until('connect');
    const bytes = 3_000_000;
    connection.socket.write(Buffer.alloc(bytes, 'x'));
    await connection.socket.disconnect();
    expect((await server.accept(1)).received).toBe(bytes);
    expect(handler.input[0]).toHaveLength(bytes);
    expect(handler.events).toEqual(['connect', 'data', 'reset', 'close']);
    expect(handler.resets[0]?.unsentBytes).toBe(0);
    expect(server.accepted).toBe(1);
  });

  it('refuses writes from then on, and flushes all the same', async ({ server, manager }) => {
    const handler = new Recorder();
    const { socket } = manager.connect(server.port, server.host, handler);
    await handler.until('connect');
    const errors: Error[] = [];
    socket.on('error', (error) => errors.push(error));
    socket.write(Buffer.alloc(3_000_000, 'x'));
    const closed = socket.disconnect();
    let refusal: Error | null | undefined;
    expect(socket.write('late', (error) => (refusal = error))).toBe(false);
    await closed;
    expect(refusal).toBeInstanceOf(ClosedError);
    expect((await server.accept(1)).received).toBe(3_000_000);
    expect(errors).toEqual([]);
    expect(handler.resets[0]).not.toHaveProperty('error');
  });

  it('destroys the socket after its grace when the peer does not end', async ({ server, manager }) => {
    server.script = () => halfOpen();
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler);
    await handler.until('connect');
    await connection.disconnect({ grace: 30 });
    expect(handler.resets[0]).toMatchObject({ code: 'disconnect' });
  });

  it('with a grace of 0 destroys at once, also when an earlier call waits', async ({ server, manager }) => {
    server.script = () => stall();
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler);
    await handler.until('connect');
    connection.socket.write(Buffer.alloc(16_000_000));
    const patient = connection.disconnect({ grace: 60_000 });
    await nextTurn();
    expect(connection.state).toBe('closing');
    const impatient = connection.disconnect({ grace: 0 });
    await Promise.all([patient, impatient]);
    expect(handler.resets[0]?.unsentBytes).toBeGreaterThan(0);
    await connection.disconnect();
    expect(handler.count('close')).toBe(1);
  });

  it('in the same turn as the drop, and as connect()', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler);
    await handler.until('connect');
    connection.socket.destroy();
    await Promise.all([connection.disconnect(), connection.disconnect({ grace: 5 })]);
    expect(handler.events).toEqual(['connect', 'reset', 'close']);
    expect(handler.resets[0]).toMatchObject({ code: 'local-end', willReconnect: false });
  });

  for (const name of ['onConnect', 'onData', 'onReset', 'onRetry', 'onReconnect'] as const) {
    it(`inside ${name}: nothing is dialled any more, onClose comes last`, async ({ server, manager }) => {
      const handler = new Recorder();
      const inherited = handler[name].bind(handler) as (argument: never) => void;
      handler[name] = (argument: never) => {
        inherited(argument);
        void connection.disconnect();
      };
      const connection: Connection = manager.connect(server.port, server.host, handler, {
        backoff: constant(0),
      });
      await handler.until('connect');
      connection.socket.write('x');
      await until(() => handler.count('data') > 0 || connection.state !== 'ready');
      if (name === 'onRetry') await server.refuse();
      server.dropAll('reset');
      await handler.until('close');
      const { dials } = connection.stats();
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      expect(connection.stats().dials).toBe(dials);
      expect(handler.events.at(-1)).toBe('close');
      expect(handler.count('reset')).toBe(handler.count('connect') + handler.count('reconnect'));
    });
  }

  it('leaves nothing to do for anybody', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler);
    await handler.until('connect');
    await connection.disconnect();
    connection.reconnectNow();
    connection.reset();
    connection.ref().unref();
    connection.socket.end();
    connection.socket.destroy();
    expect(connection.socket.write('late')).toBe(false);
    await expect(connection.ready()).rejects.toBeInstanceOf(ClosedError);
    await nextTurn();
    expect(handler.events).toEqual(['connect', 'reset', 'close']);
    expect(server.accepted).toBe(1);
  });

  it('is what `await using` does', async ({ server, manager }) => {
    const handler = new Recorder();
    {
      await using connection = manager.connect(server.port, server.host, handler);
      await connection.ready();
    }
    expect(handler.events).toEqual(['connect', 'reset', 'close']);
  });
});

describe('the signal', () => {
  it('disconnects when aborted, in any life, and is let go', async ({ server, manager }) => {
    const controller = new AbortController();
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: constant(0),
      signal: controller.signal,
    });
    await handler.until('connect');
    server.dropAll('reset');
    await handler.until('reconnect');
    const reason = new Error('shutting down');
    controller.abort(reason);
    await handler.until('close');
    expect(handler.closings[0]).toMatchObject({ code: 'aborted', error: reason, lives: 2 });
    expect(connection.state).toBe('closed');
    await expect(connection.ready()).rejects.toMatchObject({ cause: reason });
  });

  it('aborted before the call: nothing is ever dialled', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { signal: AbortSignal.abort() });
    expect(handler.events).toEqual([]);
    await handler.until('close');
    await connection.disconnect();
    expect(handler.events).toEqual(['close']);
    expect(connection.stats().dials).toBe(0);
    expect(server.accepted).toBe(0);
  });
});

describe('ready()', () => {
  it('rejects when the connection is closed before, with the last cause', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: constant(0),
      maxAttempts: 3,
    });
    const error = (await connection.ready().catch((reason: unknown) => reason)) as ClosedError;
    expect(error).toBeInstanceOf(ClosedError);
    expect(error.cause).toMatchObject({ code: 'CONNMAN_DIAL', cause: { code: 'ECONNREFUSED' } });
    expect(handler.events).toEqual(['retry', 'retry', 'close']);
    expect(handler.closings[0]).toMatchObject({ code: 'gave-up', lives: 0, error: error.cause as object });
  });

  it('can be aborted, before and while it waits', async ({ server, manager }) => {
    await server.refuse();
    const connection = manager.connect(server.port, server.host, new Recorder());
    const reason = new Error('not that long');
    await expect(connection.ready({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = connection.ready({ signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
