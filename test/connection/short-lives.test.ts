import { expect } from 'vitest';
import { constant, type ManagedSocket } from '../../src/index.js';
import { it } from '../support/fixtures.js';
import { perRing } from '../support/per-ring.js';
import { Recorder } from '../support/recorder.js';

const lives = perRing({ short: 20, soak: 200 });
/** The least time from life to life, in milliseconds, less what a timer may be early. */
const least = 49;

/** Asks one thing in each life, and ends it when it has the answer. */
class OneExchange extends Recorder {
  #socket: ManagedSocket | undefined;

  override onConnect(socket: ManagedSocket): void {
    void super.onConnect(socket);
    this.#socket = socket;
    socket.write('x');
  }

  override onReconnect(socket: ManagedSocket): void {
    void super.onReconnect(socket);
    this.#socket = socket;
    socket.write('x');
  }

  override onData(chunk: Buffer): void {
    super.onData(chunk);
    this.#socket?.end();
  }
}

it('end() after each exchange reconnects at once, but at most 20 times a second', async ({
  server,
  manager,
}) => {
  const handler = new OneExchange();
  const begun = performance.now();
  const connection = manager.connect(server.port, server.host, handler);
  await handler.until('reset', lives);
  const passed = performance.now() - begun;
  expect(passed).toBeGreaterThanOrEqual((lives - 1) * least);
  // With a wait of the backoff it would be 300 ms for each. An idle machine needs 52.
  expect(passed).toBeLessThan(lives * 150);
  for (const { code, delay } of handler.resets) {
    expect(code).toBe('local-end');
    expect(delay).toBeLessThanOrEqual(50);
  }
  await connection.disconnect({ grace: 0 });
});

it('end() before anything was read waits as after any short life', async ({ server, manager }) => {
  server.script = () => [];
  class Impatient extends Recorder {
    override onConnect(socket: ManagedSocket): void {
      void super.onConnect(socket);
      socket.end();
    }

    override onReconnect(socket: ManagedSocket): void {
      void super.onReconnect(socket);
      socket.end();
    }
  }
  const handler = new Impatient();
  manager.connect(server.port, server.host, handler, { backoff: constant(120) });
  await handler.until('reset', 3);
  expect(handler.resets.map(({ delay }) => delay)).toEqual([120, 120, 120]);
});
