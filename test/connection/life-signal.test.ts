import { getEventListeners } from 'node:events';
import { describe, expect } from 'vitest';
import { constant, LifeEndedError, type ManagedSocket } from '../../src/index.js';
import { startFaultServer } from '../../src/testing/index.js';
import { it, nextTurn, until } from '../support/fixtures.js';
import { perRing } from '../support/per-ring.js';
import { Recorder } from '../support/recorder.js';

const atOnce = { backoff: constant(0) };
const manyLives = perRing({ short: 50, soak: 1_000 });

describe('the signal of a life', () => {
  it('is aborted at its end with the reset, before onReset and before a later life', async ({
    server,
    manager,
  }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await connection.ready();
    const { signal } = connection;
    expect(connection.signal).toBe(signal);
    expect(signal.aborted).toBe(false);
    const seen: object[] = [];
    signal.addEventListener('abort', () =>
      seen.push({ state: connection.state, resets: handler.resets.length }),
    );
    server.dropAll('end');
    await handler.until('reset');
    expect(seen).toEqual([{ state: 'waiting', resets: 0 }]);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(LifeEndedError);
    expect(signal.reason).toMatchObject({ code: 'CONNMAN_LIFE_ENDED', reset: handler.resets[0] });
    await handler.until('reconnect');
    expect(connection.signal).not.toBe(signal);
    expect(connection.signal.aborted).toBe(false);
  });

  it('is that of the last life between lives, and aborted before the first', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { backoff: constant(50) });
    const before = connection.signal;
    expect(before.aborted).toBe(true);
    expect(connection.signal).toBe(before);
    expect(before.reason).toBeInstanceOf(LifeEndedError);
    await server.listen();
    await connection.ready();
    const { signal } = connection;
    expect(signal.aborted).toBe(false);
    await server.refuse();
    server.dropAll('reset');
    await handler.until('retry', 2);
    expect(connection.signal).toBe(signal);
    await connection.disconnect();
    expect(connection.signal).toBe(signal);
  });

  it('is aborted for one who asks when the life is over', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { backoff: constant(60_000) });
    await connection.ready();
    server.dropAll('end');
    await handler.until('reset');
    expect(connection.signal.aborted).toBe(true);
    expect(connection.signal.reason).toMatchObject({ reset: handler.resets[0] });
  });

  it('is aborted by disconnect(), with its reason', async ({ server, manager }) => {
    const connection = manager.connect(server.port, server.host, new Recorder(), atOnce);
    await connection.ready();
    const { signal } = connection;
    const reason = new Error('shut down');
    await connection.disconnect({ reason });
    expect(signal.reason).toMatchObject({
      cause: reason,
      reset: { code: 'disconnect', willReconnect: false },
    });
  });

  it('keeps what a late handshake writes off the wire of the next life', async ({ manager }) => {
    const servers = [await startFaultServer(), await startFaultServer()] as const;
    const late: unknown[] = [];
    class LogsInLate extends Recorder {
      override async onConnect(socket: ManagedSocket): Promise<void> {
        void super.onConnect(socket);
        const { signal } = connection;
        await new Promise((resolve) => setTimeout(resolve, 250));
        try {
          signal.throwIfAborted();
        } catch (error) {
          late.push(error);
          throw error;
        }
        socket.write('AUTH token-of-life-1');
      }

      override onReconnect(socket: ManagedSocket): void {
        void super.onReconnect(socket);
        socket.write('hello of life 2');
      }
    }
    const handler = new LogsInLate();
    const connection = manager.connect(
      servers.map(({ endpoint }) => endpoint),
      handler,
      { ...atOnce, handshakeTimeout: 20 },
    );
    await connection.ready();
    await until(() => late.length === 1);
    const peer = await servers[1].accept(1);
    await peer.until('hello of life 2');
    await nextTurn();
    expect(peer.receivedBytes().toString()).toBe('hello of life 2');
    expect(handler.errors, 'a handshake that heeded its signal is no news').toEqual([]);
    await connection.disconnect();
    await Promise.all(servers.map((server) => server.close()));
  });

  it(`leaves nothing behind in ${manyLives} lives, however many listen to it`, async ({
    server,
    manager,
  }) => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warn);
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { ...atOnce, stableAfter: 0 });
    await connection.ready();
    let aborted = 0;
    for (let life = 1; life <= manyLives; life += 1) {
      const { signal } = connection;
      for (let index = 0; index < 12; index += 1) {
        signal.addEventListener('abort', () => (aborted += 1), { once: true });
      }
      server.dropAll('end');
      await handler.until('reconnect', life);
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }
    process.off('warning', warn);
    expect(aborted).toBe(12 * manyLives);
    expect(warnings).toEqual([]);
  });
});
