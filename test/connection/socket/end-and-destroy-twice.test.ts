import { expect } from 'vitest';
import { constant, type ConnectionManager, type ManagedSocket } from '../../../src/index.js';
import type { FaultServer } from '../../../src/testing/index.js';
import { it } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

/** A connection in its first life, which reconnects at once. */
async function connected(
  server: FaultServer,
  manager: ConnectionManager,
): Promise<{ recorder: Recorder; socket: ManagedSocket }> {
  const recorder = new Recorder();
  const { socket } = manager.connect(server.port, server.host, recorder, { backoff: constant(0) });
  await recorder.until('connect');
  return { recorder, socket };
}

it('calls the callback of an end() on a destroyed socket, before the next life', async ({
  server,
  manager,
}) => {
  const { recorder, socket } = await connected(server, manager);
  const calls: (Error | null | undefined)[] = [];
  socket.destroy();
  socket.end((error?: Error | null) => calls.push(error));
  await recorder.until('reconnect');
  expect(calls).toEqual([expect.any(Error)]);
  socket.end();
  await recorder.until('reconnect', 2);
  expect(calls).toHaveLength(1);
});

it('leaves nothing of a destroySoon() that was called twice to the next life', async ({
  server,
  manager,
}) => {
  const { recorder, socket } = await connected(server, manager);
  socket.destroySoon();
  socket.destroySoon();
  socket.destroy();
  await recorder.until('reconnect');
  expect(socket.listenerCount('finish')).toBe(0);
});

it('refuses the data of a second end(), and still flushes what the first has ended', async ({
  server,
  manager,
}) => {
  const { recorder, socket } = await connected(server, manager);
  const peer = await server.accept(1);
  const errors: Error[] = [];
  socket.on('error', (error) => errors.push(error));
  const size = 1_000_000;
  socket.end(Buffer.alloc(size, 'x'));
  const refusal = new Promise<unknown>((resolve) => socket.end('too late', resolve as () => void));
  expect(await refusal).toBeInstanceOf(Error);
  await recorder.until('reset');
  expect(recorder.resets[0]).toMatchObject({ code: 'local-end', unsentBytes: 0 });
  expect([peer.received, errors]).toEqual([size, []]);
});
