import { expect } from 'vitest';
import { constant, type ManagedSocket } from '../../src/index.js';
import { halfOpen } from '../../src/testing/index.js';
import { pass, passUntil, withFakeTime } from '../support/fake-time.js';
import { it } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';
import { repeat } from '../support/repeat.js';

/** Ends its side in the handshake, which the test resolves. */
class EndsEarly extends Recorder {
  finish: () => void = () => undefined;

  override onConnect(socket: ManagedSocket): Promise<void> {
    void super.onConnect(socket);
    // Once the time of the handshake is running.
    process.nextTick(() => socket.end());
    return new Promise((resolve) => (this.finish = resolve));
  }
}

it('a handshake that has ended its side has its whole time, and its life little of it once ready', async ({
  manager,
  server,
}) => {
  server.script = () => halfOpen();
  await withFakeTime(async () => {
    const handler = new EndsEarly();
    const options = { backoff: constant(60_000), handshakeTimeout: 10_000 };
    const connection = manager.connect(server.port, server.host, handler, options);
    await passUntil(handler.until('connect'));
    await pass(5_000, 500);
    expect(connection.state).toBe('handshaking');
    handler.finish();
    await pass(1_900, 100);
    expect(connection.state).toBe('ready');
    await pass(200, 100);
    await passUntil(handler.until('reset'));
    expect(connection.life).toBe(1);
    await manager.disconnectAll({ grace: 0 });
  });
});

it('a handshake that has ended its side is still bounded by its timeout', async ({ manager, server }) => {
  server.script = () => halfOpen();
  await withFakeTime(async () => {
    const handler = new EndsEarly();
    const options = { backoff: constant(60_000), handshakeTimeout: 10_000 };
    const connection = manager.connect(server.port, server.host, handler, options);
    await passUntil(handler.until('connect'));
    await pass(9_900, 300);
    expect(connection.state).toBe('handshaking');
    await passUntil(handler.until('reset'));
    expect(handler.resets[0]).toMatchObject({ code: 'handshake', life: 1 });
    await manager.disconnectAll({ grace: 0 });
  });
});

it('a planned end has an end although the peer goes on to push, and never ends its side', async ({
  manager,
  server,
}) => {
  server.script = () => halfOpen();
  await withFakeTime(async () => {
    const connection = manager.connect(server.endpoint, new Recorder(), { backoff: constant(0) });
    await passUntil(connection.ready());
    const accepted = await passUntil(server.accept(1));
    const retired = connection.retire();
    const lives: number[] = [];
    await repeat(24, async () => {
      accepted.write('push');
      await pass(100, 100);
      lives.push(connection.life);
    });
    expect([lives[18], lives.at(-1)]).toEqual([1, 2]);
    await retired;
    await manager.disconnectAll({ grace: 0 });
  });
});
