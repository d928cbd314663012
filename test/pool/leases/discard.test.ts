import { expect } from 'vitest';
import { constant, type ManagedSocket } from '../../../src/index.js';
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
