import { once } from 'node:events';
import { expect } from 'vitest';
import { constant, type ManagedSocket } from '../../../src/index.js';
import { silent } from '../../../src/testing/index.js';
import { it, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

/** Shakes hands from its second life on, until the test lets it. */
class Shaking extends Recorder {
  finish: () => void = () => undefined;

  override onReconnect(socket: ManagedSocket): Promise<void> {
    void super.onReconnect(socket);
    return new Promise((resolve) => (this.finish = resolve));
  }
}

it('a lasting lease that is discarded while the next life shakes hands does nothing to that life', async ({
  manager,
  server,
}) => {
  const handler = new Shaking();
  const pool = manager.createPool('p', () => handler, { backoff: constant(0) });
  const connection = pool.addConnection(server.port, server.host);
  await pool.ready();
  const lease = await pool.acquire({ lasting: true });
  server.dropAll('reset');
  await handler.until('reconnect');
  expect(connection.state).toBe('handshaking');
  lease.discard(new Error('half an answer'));
  handler.finish();
  await until(() => connection.state === 'ready' || handler.resets.length > 1);
  expect(handler.resets.map(({ life }) => life)).toEqual([1]);
  expect(connection.life).toBe(2);
  const next = await pool.acquire();
  expect(next.connection).toBe(connection);
  next.release();
});

for (const lasting of [false, true]) {
  it(`what waits by the signal of a ${lasting ? 'lasting ' : ''}lease hears that it was discarded`, async ({
    manager,
    server,
  }) => {
    server.script = () => silent();
    const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0) });
    pool.addConnection(server.endpoint);
    const lease = await pool.acquire({ lasting });
    const answer = once(lease.socket, 'data', { signal: lease.signal });
    setImmediate(() => lease.discard());
    const error = (await answer.catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ name: 'AbortError', cause: { code: 'CONNMAN_LIFE_ENDED', pool: 'p' } });
    expect(lease.signal.reason).toMatchObject({ reset: { code: 'requested', life: 1 } });
    await pool.ready();
    expect((await pool.acquire()).signal.aborted).toBe(false);
  });
}
