import { describe, expect } from 'vitest';
import { ClosedError, DialError, OptionError, TimeoutError } from '../src/index.js';
import { pass, passUntil, withFakeTime } from './support/fake-time.js';
import { it } from './support/fixtures.js';
import { Recorder } from './support/recorder.js';

const caught = (reason: unknown): unknown => reason;

describe('ready({ timeout })', () => {
  it('rejects after that time with the last failure as its cause', async ({ manager, server }) => {
    await server.refuse();
    await withFakeTime(async () => {
      const connection = manager.connect(server.port, server.host, new Recorder());
      const pool = manager.createPool('p', () => new Recorder());
      pool.addConnection(server.port, server.host);
      const late = [
        connection.ready({ timeout: 400 }).catch(caught),
        pool.ready(1, { timeout: 400 }).catch(caught),
      ];
      const [first, second] = (await passUntil(Promise.all(late))) as TimeoutError[];
      expect(first).toBeInstanceOf(TimeoutError);
      expect(first).toMatchObject({
        timeout: 400,
        endpoint: connection.endpoint,
        cause: expect.any(DialError),
      });
      expect(first?.message).toMatch(/was not ready within 400 ms: .*(ECONNREFUSED|ECONNRESET)/);
      expect(second).toBeInstanceOf(TimeoutError);
      expect(second?.message).toMatch(/^pool p was not ready within 400 ms: 0 of 1 wanted are ready/);
      await passUntil(manager.disconnectAll({ drain: 0 }));
    });
  });

  it('resolves when it is ready sooner, and nothing rings later', async ({ manager, server }) => {
    await withFakeTime(async () => {
      const connection = manager.connect(server.port, server.host, new Recorder());
      expect(await passUntil(connection.ready({ timeout: 5_000 }))).toBe(connection.socket);
      expect(await connection.ready({ timeout: 0 })).toBe(connection.socket);
      await pass(6_000);
      expect(connection.state).toBe('ready');
      await passUntil(connection.disconnect({ grace: 0 }));
      const closed = await connection.ready({ timeout: 50 }).catch(caught);
      expect(closed).toBeInstanceOf(ClosedError);
    });
  });

  it('leaves the signal its reason, and nothing on it', async ({ manager, server }) => {
    await server.refuse();
    const stop = new AbortController();
    const connection = manager.connect(server.port, server.host, new Recorder());
    const reason = new Error('enough');
    const waiting = connection.ready({ timeout: 60_000, signal: stop.signal }).catch(caught);
    stop.abort(reason);
    expect(await waiting).toBe(reason);
    expect(await connection.ready({ timeout: 1, signal: stop.signal }).catch(caught)).toBe(reason);
  });

  it('refuses what is no time', ({ manager, server }) => {
    const connection = manager.connect(server.port, server.host, new Recorder());
    expect(() => connection.ready({ timeout: -1 })).toThrow(OptionError);
    expect(() => manager.createPool('p', () => new Recorder()).ready(1, { timeout: NaN })).toThrow(
      OptionError,
    );
  });
});
