import { inspect } from 'node:util';
import { describe, expect } from 'vitest';
import {
  constant,
  type ConnectionManager,
  type Connection,
  type ConnectionOptions,
  type ManagedSocket,
  type Reset,
} from '../../src/index.js';
import type { FaultServer } from '../../src/testing/index.js';
import { call } from '../support/call.js';
import { pass, passUntil, withFakeTime } from '../support/fake-time.js';
import { it } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const fast = { backoff: constant(0), stableAfter: 0 };
const reason = new Error('come back later');

interface Stage {
  readonly handler: Recorder;
  readonly connection: Connection<Recorder>;
}

/** A connection whose first life has begun, in time that the test lets pass. */
async function inFakeTime(
  { manager, server }: { manager: ConnectionManager; server: FaultServer },
  body: (stage: Stage) => Promise<void>,
  options: ConnectionOptions = {},
): Promise<void> {
  await withFakeTime(async () => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { ...fast, ...options });
    await passUntil(connection.ready());
    await body({ handler, connection });
    await passUntil(connection.disconnect({ grace: 0 }));
  });
}

describe('reset() with after', () => {
  it('ends the life, and dials no earlier', async ({ manager, server }) => {
    await inFakeTime({ manager, server }, async ({ handler, connection }) => {
      const before = performance.now();
      connection.reset(reason, { after: 3_000 });
      await pass(50, 10);
      expect(handler.resets).toMatchObject([{ code: 'requested', error: reason, willReconnect: true }]);
      expect(handler.resets[0]?.delay).toBeCloseTo(3_000, -2);
      expect(connection.stats().noDialBefore).toBeCloseTo(performance.timeOrigin + before + 3_000, -1);
      await pass(2_900);
      expect(connection.stats()).toMatchObject({ state: 'waiting', dials: 1 });
      await passUntil(connection.ready());
      expect(performance.now() - before).toBeGreaterThanOrEqual(3_000);
      expect(performance.now() - before).toBeLessThan(3_200);
      expect(connection.stats()).toMatchObject({ dials: 2, noDialBefore: undefined });
    });
  });

  it('waits for ever with Infinity, until reconnectNow()', async ({ manager, server }) => {
    await inFakeTime({ manager, server }, async ({ handler, connection }) => {
      connection.reset(reason, { after: Infinity });
      await pass(50, 10);
      expect(handler.resets[0]?.delay).toBe(Infinity);
      expect(connection.stats().noDialBefore).toBe(Infinity);
      expect(inspect(connection)).toContain('no dial before reconnectNow()');
      await pass(86_400_000, 3_600_000);
      expect(connection.stats()).toMatchObject({ state: 'waiting', dials: 1 });
      connection.reconnectNow();
      await passUntil(connection.ready());
      expect(connection.stats()).toMatchObject({ dials: 2, noDialBefore: undefined });
    });
  });

  it('yields to a reconnectNow() at any time after it', async ({ manager, server }) => {
    await inFakeTime({ manager, server }, async ({ connection }) => {
      connection.reset(reason, { after: Infinity });
      connection.reconnectNow();
      await passUntil(connection.ready());
      expect(connection.life).toBe(2);
      connection.reset(reason, { after: 60_000 });
      await pass(1_000);
      connection.reconnectNow();
      await passUntil(connection.ready());
      expect(connection.life).toBe(3);
      // What is over holds nothing back.
      connection.reset();
      await pass(50, 10);
      expect(connection.life).toBe(4);
    });
  });

  it('may be called in a handshake, in onReset, and while waiting; the last call counts', async ({
    manager,
    server,
  }) => {
    await inFakeTime({ manager, server }, async ({ handler, connection }) => {
      Object.assign(handler, {
        onReset: (_: Reset, own: Connection) => own.reset(undefined, { after: 2_000 }),
      });
      connection.reset(reason);
      await pass(1_900);
      expect(connection.stats()).toMatchObject({ state: 'waiting', dials: 1 });
      connection.reset(undefined, { after: 5_000 });
      await pass(4_900);
      expect(connection.stats()).toMatchObject({ state: 'waiting', dials: 1 });
      connection.reset(undefined, { after: 0 });
      Object.assign(handler, { onReset: () => undefined });
      await pass(50, 10);
      expect(connection.state).toBe('ready');
      Object.assign(handler, {
        onReconnect(_: ManagedSocket, own: Connection) {
          own.reset(reason, { after: 1_000 });
          return new Promise(() => undefined);
        },
      });
      connection.reset(reason);
      await pass(900);
      expect(connection.stats()).toMatchObject({ state: 'waiting', dials: 3, life: 3 });
    });
  });

  it('holds over failures of others, and counts none of them', async ({ manager, server }) => {
    await inFakeTime(
      { manager, server },
      async ({ connection }) => {
        connection.reset(reason, { after: 10_000 });
        await pass(50, 10);
        await server.refuse();
        const other = manager.connect(server.port, server.host, new Recorder(), { backoff: constant(100) });
        await pass(5_000, 100);
        expect(other.stats().failedDials).toBeGreaterThan(5);
        expect(connection.stats()).toMatchObject({ state: 'waiting', dials: 1, lastDialError: undefined });
        await server.listen();
        await passUntil(other.ready());
        await pass(1_000);
        expect(connection.stats().dials).toBe(1);
        await pass(4_500, 100);
        expect(connection.state).toBe('ready');
        await passUntil(other.disconnect({ grace: 0 }));
      },
      { maxAttempts: 2 },
    );
  });

  it('holds in a pool as well, whoever else dials, and over a disconnect', async ({ manager, server }) => {
    await withFakeTime(async () => {
      const pool = manager.createPool('pool', () => new Recorder(), fast);
      const [first, second] = [1, 2].map(() => pool.addConnection(server.port, server.host));
      await passUntil(pool.ready());
      first?.reset(reason, { after: Infinity });
      second?.reset(reason);
      await pass(500);
      expect([first?.state, second?.state]).toEqual(['waiting', 'ready']);
      expect(pool.pick()).toBe(second);
      await passUntil(pool.disconnect({ grace: 0 }));
      expect([first?.state, second?.state]).toEqual(['closed', 'closed']);
    });
  });

  it('refuses wrong options', ({ manager, server }) => {
    const connection = manager.connect(server.port, server.host, new Recorder(), fast);
    for (const after of [-1, NaN, '3', null, 2 ** 31]) {
      expect(() => call(connection, 'reset', undefined, { after })).toThrow(
        'options.after: expected milliseconds from 0 to 2147483647, or Infinity',
      );
    }
    expect(() => call(connection, 'reset', undefined, { afer: 1 })).toThrow('afer');
    expect(() => call(connection, 'reset', undefined, 3_000)).toThrow('options');
    expect(connection.stats().noDialBefore).toBe(undefined);
  });
});
