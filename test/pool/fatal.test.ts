import { describe, expect } from 'vitest';
import { constant, FatalError, staticEndpoints, type PoolOptions } from '../../src/index.js';
import { startFaultServer } from '../../src/testing/index.js';
import { it, until } from '../support/fixtures.js';
import { refusal } from '../support/refusal.js';
import { Recorder } from '../support/recorder.js';

const options: PoolOptions<Recorder> = { backoff: constant(0) };

class Refused extends Recorder {
  override onConnect(): void {
    throw new FatalError('wrong password');
  }
}

const refused = {
  code: 'CONNMAN_NO_CONNECTION',
  message: expect.stringMatching(/wrong password$/) as string,
  cause: { code: 'CONNMAN_HANDSHAKE', cause: { code: 'CONNMAN_FATAL' } },
};

describe('a pool all of whose connections ended fatally', () => {
  it('rejects those who wait, and those who come, with the cause', async ({ server, manager }) => {
    const pool = manager.createPool('p', () => new Refused(), options);
    for (let index = 0; index < 3; index += 1) pool.addConnection(server.port, server.host);
    const waiting = [pool.acquire(), pool.ready(), pool.ready(1)].map((promise) =>
      promise.catch((error: unknown) => error),
    );
    await until(() => pool.size === 0);
    for (const error of await Promise.all(waiting)) {
      expect(error).toMatchObject({ message: expect.stringMatching(/wrong password$/) as string });
    }
    await expect(pool.acquire()).rejects.toMatchObject(refused);
    await expect(pool.ready()).rejects.toMatchObject(refused);
    await expect(pool.ready(1)).rejects.toMatchObject(refused);
    expect(refusal(() => pool.pick())).toMatchObject(refused);
  });

  it('does so with discovery as well, until it has a connection again', async ({ server, manager }) => {
    const other = await startFaultServer();
    const refusing = server.port;
    const endpoints = staticEndpoints([server.endpoint as { host: string; port: number }]);
    const pool = manager.createPool(
      'p',
      (endpoint) => ((endpoint as { port: number }).port === refusing ? new Refused() : new Recorder()),
      { backoff: constant(0), discovery: endpoints, perEndpoint: 2 },
    );
    await expect(pool.acquire()).rejects.toMatchObject(refused);
    await expect(pool.acquire({ timeout: 60_000 })).rejects.toMatchObject(refused);
    pool.addConnection(other.port, other.host);
    const lease = await pool.acquire();
    lease.release();
    await pool.disconnect();
    await other.close();
  });

  it('goes on with those that are ready', async ({ server, manager }) => {
    let made = 0;
    const pool = manager.createPool<Recorder>(
      'p',
      () => (++made === 1 ? new Recorder() : new Refused()),
      options,
    );
    pool.addConnection(server.port, server.host);
    await pool.ready(1);
    pool.addConnection(server.port, server.host);
    await until(() => pool.size === 1);
    expect(pool.pick().state).toBe('ready');
    (await pool.acquire()).release();
  });
});

describe('disconnect({ reason }) of a pool', () => {
  it('is the cause of what its callers get', async ({ server, manager }) => {
    const reason = new Error('the tenant is gone');
    const pool = manager.createPool<Recorder>('p', () => new Recorder(), options);
    const { handler } = pool.addConnection(server.port, server.host);
    await pool.ready(1);
    const lease = await pool.acquire();
    const waiting = pool.acquire().catch((error: unknown) => error);
    await pool.disconnect({ reason });
    expect(lease.connection.state).toBe('closed');
    expect(await waiting).toMatchObject({ code: 'CONNMAN_CLOSED', cause: reason });
    await expect(pool.ready()).rejects.toThrow(/is disconnected: the tenant is gone$/);
    expect(handler.closings[0]).toMatchObject({ code: 'disconnect', error: reason });
  });

  it('is that of every connection of a manager', async ({ server, manager }) => {
    const reason = new Error('shut down');
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler);
    await connection.ready();
    await manager.disconnectAll({ reason });
    expect(handler.closings[0]?.error).toBe(reason);
  });
});
