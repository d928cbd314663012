import { describe, expect } from 'vitest';
import { constant, type ConnectionOptions, type ManagedSocket } from '../../src/index.js';
import { greet, respond, silent } from '../../src/testing/index.js';
import { pass, withFakeTime } from '../support/fake-time.js';
import { it } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const options: ConnectionOptions = {
  backoff: constant(0),
  heartbeat: { interval: 100, timeout: 100, ping: (socket) => void socket.write('ping') },
};

const answers = respond((chunk) => (chunk.includes('ping') ? 'pong' : undefined));

async function until(condition: () => boolean): Promise<number> {
  const start = performance.now();
  // oxlint-disable-next-line no-await-in-loop
  while (!condition()) await pass(1, 1);
  return performance.now() - start;
}

describe('after a life in which the peer did not answer a ping', () => {
  it('a life is ready when the peer has answered another, and not before', async ({ server, manager }) => {
    server.script = (n) => (n < 4 ? silent() : answers);
    await withFakeTime(async () => {
      const handler = new Recorder();
      const connection = manager.connect(server.port, server.host, handler, options);
      const states = new Set<string>();
      await until(() => {
        if (handler.count('reset') > 0 && connection.life < 4) states.add(connection.state);
        return connection.life === 4 && connection.state === 'ready';
      });
      expect(states).not.toContain('ready');
      expect(states).toContain('handshaking');
      expect(handler.resets.map(({ code }) => code)).toEqual(['heartbeat', 'heartbeat', 'heartbeat']);
      expect(handler.resets[1]?.error?.message).toMatch(
        /^nothing was read within \d+ ms, not even after a ping$/,
      );
      expect(server.connections[3]?.receivedBytes().toString()).toBe('ping');
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('a life is ready at once if its handshake has read something', async ({ server, manager }) => {
    server.script = (n) => (n === 1 ? silent() : greet('hello'));
    class Greeted extends Recorder {
      override async onReconnect(socket: ManagedSocket): Promise<void> {
        void super.onReconnect(socket);
        await this.until('data');
      }
    }
    await withFakeTime(async () => {
      const handler = new Greeted();
      const connection = manager.connect(server.port, server.host, handler, options);
      await until(() => handler.count('reset') === 1);
      await until(() => connection.state === 'ready' && connection.life === 2);
      expect(server.connections[1]?.receivedBytes()).toHaveLength(0);
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('a life ends within what is left of handshakeTimeout', async ({ server, manager }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      const handler = new Recorder();
      manager.connect(server.port, server.host, handler, { ...options, handshakeTimeout: 30 });
      await until(() => handler.count('reset') === 1);
      await until(() => handler.count('reconnect') === 1);
      expect(await until(() => handler.count('reset') === 2)).toBeLessThanOrEqual(60);
      expect(handler.resets[1]?.code).toBe('heartbeat');
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('a life is ready at once if the application does not read', async ({ server, manager }) => {
    server.script = () => silent();
    class Pausing extends Recorder {
      override onReconnect(socket: ManagedSocket): void {
        void super.onReconnect(socket);
        socket.pause();
      }
    }
    await withFakeTime(async () => {
      const handler = new Pausing();
      const connection = manager.connect(server.port, server.host, handler, options);
      await until(() => handler.count('reconnect') === 1);
      expect(connection.state).toBe('ready');
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('disconnect() and the end of the peer leave nothing behind', async ({ server, manager }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      const handler = new Recorder();
      const connection = manager.connect(server.port, server.host, handler, options);
      await until(() => handler.count('reconnect') === 1);
      expect(connection.state).toBe('handshaking');
      server.dropAll('end');
      await until(() => handler.count('reset') === 2);
      expect(handler.resets[1]?.code).toBe('remote-end');
      await until(() => handler.count('reconnect') === 2);
      expect(connection.state, 'another end proves nothing either, but is no silence').toBe('ready');
      await manager.disconnectAll({ grace: 0 });
    });
  });
});
