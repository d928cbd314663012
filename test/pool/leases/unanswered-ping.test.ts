import { expect } from 'vitest';
import { constant, type Handler, type ManagedSocket } from '../../../src/index.js';
import { silent } from '../../../src/testing/index.js';
import { pass, passUntil, withFakeTime } from '../../support/fake-time.js';
import { it, until } from '../../support/fixtures.js';

const heartbeat = {
  interval: 100,
  timeout: 10_000,
  ping: (socket: ManagedSocket) => void socket.write('PING'),
};

class Reader implements Handler {
  read = '';
  onConnect(): void {}
  onData(chunk: Buffer): void {
    this.read += chunk.toString();
  }
}

it('a connection whose ping is not answered is picked, and not lent before the answer', async ({
  manager,
  server,
}) => {
  server.script = () => silent();
  await withFakeTime(async () => {
    const pool = manager.createPool('p', () => new Reader(), { backoff: constant(0), heartbeat });
    const connection = pool.addConnection(server.port, server.host);
    await passUntil(pool.ready());
    const peer = await server.accept(1);
    const pinged = peer.until('PING');
    await passUntil(pinged);
    expect(pool.tryAcquire()).toBeUndefined();
    expect(pool.pick()).toBe(connection);
    const second = pool.addConnection(server.port, server.host);
    await passUntil(second.ready());
    for (let count = 0; count < 3; count += 1) {
      const lease = pool.tryAcquire();
      expect(lease?.connection).toBe(second);
      lease?.release();
    }
    await passUntil(pool.removeConnection(second, { grace: 0 }));
    const asked = pool.acquire();
    await pass(50, 10);
    expect(pool.stats().waiting).toBe(1);
    peer.write('PONG');
    await until(() => connection.handler.read === 'PONG');
    const lease = await passUntil(asked);
    expect([lease.connection, lease.handler.read, connection.life]).toEqual([connection, 'PONG', 1]);
    lease.release();
  });
});

it('what came unasked while a connection was free is noticed before a ping covers it up', async ({
  manager,
  server,
}) => {
  server.script = () => silent();
  await withFakeTime(async () => {
    const pool = manager.createPool('p', () => new Reader(), { backoff: constant(0), heartbeat });
    const connection = pool.addConnection(server.port, server.host);
    await passUntil(pool.ready());
    const peer = await server.accept(1);
    const lease = pool.tryAcquire();
    lease?.release();
    await pass(10, 10);
    peer.write('half an answer');
    await until(() => connection.handler.read !== '');
    await pass(300, 10);
    expect(connection.life).toBe(2);
    expect(peer.receivedBytes().toString()).toBe('');
    expect(connection.stats().lastReset).toMatchObject({ error: { code: 'CONNMAN_UNREAD_INPUT' } });
  });
});
