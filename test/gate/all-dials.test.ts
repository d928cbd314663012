import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, onTestFinished } from 'vitest';
import { ConnectionManager, constant, OptionError, staticEndpoints } from '../../src/index.js';
import { startServerProcess } from '../../src/testing/index.js';
import { it, until } from '../support/fixtures.js';
import { perRing } from '../support/per-ring.js';
import { Recorder } from '../support/recorder.js';

const { size, limit } = perRing({ short: { size: 600, limit: 32 }, soak: { size: 5_000, limit: 1_024 } });

/** So many addresses of one server: all of 127.0.0.0/8 are this host. */
function endpointsOf(port: number, count: number): { host: string; port: number }[] {
  return Array.from({ length: count }, (_, index) => ({
    host: `127.1.${index >> 8}.${index & 255}`,
    port,
  }));
}

/** Counts the dials in flight. */
function countDials(): { now: number; peak: number } {
  const dials = { now: 0, peak: 0 };
  const begin = (): void => {
    dials.now += 1;
    dials.peak = Math.max(dials.peak, dials.now);
  };
  const end = (): void => void (dials.now -= 1);
  const channels = { dial: begin, connected: end, 'dial-failed': end };
  for (const [name, count] of Object.entries(channels)) {
    subscribe(`connman:connection:${name}`, count);
    onTestFinished(() => void unsubscribe(`connman:connection:${name}`, count));
  }
  return dials;
}

describe('maxDialingInAll', () => {
  // On other systems, only 127.0.0.1 is this host.
  it.runIf(process.platform === 'linux')(
    'bounds the dials to all endpoints of a snapshot, and all are up in the end',
    async ({ leaks }) => {
      expect(leaks).toBeUndefined();
      await using server = await startServerProcess({ host: '0.0.0.0' });
      const manager = new ConnectionManager({ maxDialingInAll: limit });
      const dials = countDials();
      const discovery = staticEndpoints(endpointsOf(server.port, size));
      const pool = manager.createPool('many', () => new Recorder(), { discovery });
      await pool.ready();
      expect(pool.readyCount).toBe(size);
      expect(dials).toEqual({ now: 0, peak: limit });
      await manager.disconnectAll({ grace: 0 });
    },
  );

  it('is left in the order in which they came by those who wait for room', async ({ server }) => {
    const manager = new ConnectionManager({ maxDialingInAll: 1 });
    await using other = await startServerProcess();
    const order: number[] = [];
    const connect = (index: number, port: number) => {
      const handler = new Recorder();
      handler.onConnect = () => void order.push(index);
      return manager.connect(port, '127.0.0.1', handler, { backoff: constant(0) });
    };
    const ports = [server.port, other.port];
    const connections = [0, 1, 2, 3, 4, 5].map((index) => connect(index, ports[index % 2] as number));
    await Promise.all(connections.map((each) => each.ready()));
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    await manager.disconnectAll();
  });

  it('leaves nothing behind of those that are disconnected while they wait', async ({ server }) => {
    const manager = new ConnectionManager({ maxDialingInAll: 1 });
    // Nobody looks up the name of the first.
    const lookup = (): void => undefined;
    const first = manager.connect(server.port, 'mute.test', new Recorder(), { lookup });
    const handlers = Array.from({ length: 6 }, () => new Recorder());
    const waiting = handlers.map((handler, index) =>
      manager.connect(server.port, ['127.0.0.1', 'localhost'][index % 2] as string, handler),
    );
    expect(waiting.map(({ state }) => state)).toEqual(waiting.map(() => 'waiting'));
    await waiting[0]?.disconnect();
    await manager.disconnectAll({ grace: 0 });
    await until(() => handlers.every(({ closings }) => closings.length === 1));
    expect(first.state).toBe('closed');
    expect(handlers.every((handler) => handler.count('connect') === 0)).toBe(true);
  });

  it.for([0, -1, 1.5, '5', null, NaN])('is refused if it is %s', (maxDialingInAll) => {
    expect(() => new ConnectionManager({ maxDialingInAll: maxDialingInAll as number })).toThrow(OptionError);
  });

  it('may be Infinity', () => {
    expect(() => new ConnectionManager({ maxDialingInAll: Infinity })).not.toThrow();
  });
});
