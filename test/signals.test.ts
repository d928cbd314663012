import { getEventListeners } from 'node:events';
import { describe, expect } from 'vitest';
import { constant, staticEndpoints, type ConnectionManager, type Endpoint, type Pool } from '../src/index.js';
import { it, nextTurn } from './support/fixtures.js';
import { perRing } from './support/per-ring.js';
import { Recorder } from './support/recorder.js';

const many = perRing({ short: 10_000, soak: 100_000 });

/** An AbortController whose signal counts what is done to its listeners. */
class CountedController extends AbortController {
  changes = 0;

  constructor() {
    super();
    for (const name of ['addEventListener', 'removeEventListener'] as const) {
      const original = this.signal[name].bind(this.signal) as (...args: unknown[]) => void;
      this.signal[name] = (...args: unknown[]) => {
        this.changes += 1;
        original(...args);
      };
    }
  }

  get listeners(): number {
    return getEventListeners(this.signal, 'abort').length;
  }
}

/** Runs `body`; returns what Node.js has warned of meanwhile. */
async function warningsOf(body: () => Promise<void>): Promise<Error[]> {
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on('warning', hear);
  await body();
  // Node.js emits warnings on the next tick.
  await nextTurn();
  process.removeListener('warning', hear);
  return warnings;
}

async function poolOfOne(manager: ConnectionManager, endpoint: Endpoint): Promise<Pool> {
  const pool = manager.createPool('p', () => new Recorder(), {
    maxWaiters: 1_000_000,
    acquireTimeout: 60_000,
  });
  pool.addConnection(endpoint);
  await pool.ready();
  return pool as unknown as Pool;
}

describe('one signal', () => {
  it('ends many connections, and keeps nothing of those that have ended before', async ({
    server,
    manager,
  }) => {
    const control = new CountedController();
    const { signal } = control;
    const options = { signal, backoff: constant(0) };
    const warnings = await warningsOf(async () => {
      const handlers = Array.from({ length: 50 }, () => new Recorder());
      const connect = (handler: Recorder) => manager.connect(server.port, server.host, handler, options);
      const connections = handlers.map(connect);
      await Promise.all(connections.map((each) => each.ready({ signal })));
      expect(control.listeners).toBe(1);
      await Promise.all(connections.map((each) => each.disconnect()));
      expect(control.listeners).toBe(0);
      const last = [new Recorder(), new Recorder()];
      for (const handler of last) connect(handler);
      control.abort(new Error('enough'));
      await Promise.all(last.map((handler) => handler.until('close')));
      for (const { closings } of last) {
        expect(closings[0]).toMatchObject({ code: 'aborted', error: { message: 'enough' } });
      }
    });
    expect(warnings).toEqual([]);
    expect(control.listeners).toBe(0);
  });

  it('rejects many callers in the order in which they came, and costs the same for each', async ({
    server,
    manager,
  }) => {
    const control = new CountedController();
    const { signal } = control;
    const warnings = await warningsOf(async () => {
      const pool = await poolOfOne(manager, server.endpoint);
      const lease = await pool.acquire();
      const rejected: number[] = [];
      const waiting = Array.from({ length: many }, (_, index) =>
        pool.acquire({ signal }).catch((error: unknown) => {
          expect(error).toBe(signal.reason);
          rejected.push(index);
        }),
      );
      const unrelated = pool.acquire();
      expect([control.listeners, control.changes]).toEqual([1, 1]);
      control.abort();
      await Promise.all(waiting);
      expect(rejected).toEqual(Array.from({ length: many }, (_, index) => index));
      expect(pool.stats().waiting).toBe(1);
      lease.release();
      (await unrelated).release();
    });
    expect(warnings).toEqual([]);
    expect(control.listeners).toBe(0);
    expect(control.changes).toBeLessThanOrEqual(2);
  });

  it('has no listener left when all callers have been served', async ({ server, manager }) => {
    const control = new CountedController();
    const { signal } = control;
    const pool = await poolOfOne(manager, server.endpoint);
    let lease = await pool.acquire();
    const waiting = Array.from({ length: 100 }, () => pool.acquire({ signal }));
    for (const next of waiting) {
      expect(control.listeners).toBe(1);
      lease.release();
      // oxlint-disable-next-line no-await-in-loop
      lease = await next;
    }
    expect([control.listeners, control.changes]).toEqual([0, 2]);
    lease.release();
  });

  it('serves callers of ready() of connections and pools', async ({ server, manager }) => {
    const control = new CountedController();
    const { signal } = control;
    const pool = manager.createPool('p', () => new Recorder());
    const connection = pool.addConnection(server.port, server.host);
    const calls = [1, 2, 3].flatMap(() => [
      pool.ready(2, { signal }),
      connection.ready({ signal }),
      pool.ready(1, { signal }),
    ]);
    expect([control.listeners, control.changes]).toEqual([1, 1]);
    const outcomes = Promise.allSettled(calls);
    await connection.ready();
    await nextTurn();
    control.abort();
    expect((await outcomes).map(({ status }) => status)).toEqual(
      [1, 2, 3].flatMap(() => ['rejected', 'fulfilled', 'fulfilled']),
    );
    expect(control.listeners).toBe(0);
  });
});

it('that connman makes may have many listeners: those of lives, leases, dials and sources', async ({
  server,
  manager,
}) => {
  const signals: AbortSignal[] = [];
  const warnings = await warningsOf(async () => {
    const pool = manager.createPool('p', () => new Recorder(), {
      discovery: (signal) => {
        signals.push(signal);
        return staticEndpoints([server.endpoint]);
      },
      prelude: (_, { signal }) => Promise.resolve(void signals.push(signal)),
    });
    const lease = await pool.acquire();
    signals.push(lease.signal, lease.connection.signal);
    for (const signal of signals)
      for (let count = 0; count < 20; count += 1) signal.addEventListener('abort', () => undefined);
    await nextTurn();
  });
  expect(signals).toHaveLength(4);
  expect(warnings).toEqual([]);
});
