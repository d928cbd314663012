import { expect } from 'vitest';
import { constant, type ManagedSocket, type Reset } from '../../../src/index.js';
import { silent } from '../../../src/testing/index.js';
import { pass, passUntil, withFakeTime } from '../../support/fake-time.js';
import { it } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { repeat } from '../../support/repeat.js';

/** Knows when it read for the last time, and when the life ended. */
class Clocked extends Recorder {
  readAt = NaN;
  endedAt = NaN;

  override onData(chunk: Buffer): void {
    this.readAt = performance.now();
    super.onData(chunk);
  }

  override onReset(reset: Reset): void {
    if (this.count('reset') === 0) this.endedAt = performance.now();
    super.onReset(reset);
  }
}

function ping(socket: ManagedSocket): void {
  socket.write('ping');
}

it.for([
  { interval: 200, timeout: 200, latest: 450 },
  { interval: 170, timeout: 90, latest: 310 },
  { interval: 1_000, timeout: 1_500, latest: 2_625 },
])(
  'a deadline is met wherever the last byte and the ping fall between two looks ($interval + $timeout ms)',
  async ({ interval, timeout, latest }, { server, manager }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      const handlers = Array.from({ length: 60 }, () => new Clocked());
      const options = { backoff: constant(60_000), heartbeat: { interval, timeout, ping } };
      const open = (handler: Clocked): Promise<void> => {
        manager.connect(server.port, server.host, handler, options);
        return handler.until('connect');
      };
      await passUntil(Promise.all(handlers.map(open)));
      // Each hears its last byte a millisecond after the one before it: they share the looks.
      await repeat(handlers.length, async (index) => {
        const peer = await server.accept(index + 1);
        peer.socket.write('x');
        await pass(1, 1);
      });
      await repeat(latest / 2 + 60, () => pass(2, 2));
      const silences = handlers.map(({ endedAt, readAt }) => endedAt - readAt);
      expect(Math.min(...silences)).toBeGreaterThanOrEqual(interval + timeout);
      expect(Math.max(...silences)).toBeLessThanOrEqual(latest);
      expect(new Set(handlers.map(({ readAt }) => readAt)).size, 'places between the looks').toBeGreaterThan(
        40,
      );
      await manager.disconnectAll({ grace: 0 });
    });
  },
);
