import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import type { LookupFunction } from 'node:net';
import {
  ConnectionManager,
  constant,
  exponential,
  type Backoff,
  type Connection,
  type Pool,
} from '../../src/index.js';
import { startFaultServer, type FaultServer } from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { pass, useFakeTime } from '../support/fake-time.js';
import { it } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const options = { backoff: constant(1_000) };

function connectAll(manager: ConnectionManager, server: FaultServer, count: number): Connection<Recorder>[] {
  return Array.from({ length: count }, () =>
    manager.connect(server.port, server.host, new Recorder(), options),
  );
}

/** How often each of them has dialled. */
function dials(connections: Iterable<Connection>): number[] {
  return Array.from(connections, (connection) => connection.stats().dials);
}

/** A lookup whose answer never comes, until it is let go. */
function slowLookup(): { readonly lookup: LookupFunction; readonly release: () => void } {
  let isReleased = false;
  const answers: (() => void)[] = [];
  const lookup: LookupFunction = (_name, _options, answer) => {
    answers.push(() => answer(null, [{ address: '127.0.0.1', family: 4 }]));
    if (isReleased) answers.pop()?.();
  };
  const release = (): void => {
    isReleased = true;
    for (const answer of answers.splice(0)) answer();
  };
  return { lookup, release };
}

beforeEach(useFakeTime);
afterEach(() => void vi.useRealTimers());

describe('the turn to dial', () => {
  it('goes to who calls reconnectNow(), without the rest of the wait', async ({ server, manager }) => {
    await server.refuse();
    const connections = connectAll(manager, server, 6);
    await pass(100, 10);
    expect(dials(connections)).toEqual([1, 0, 0, 0, 0, 0]);
    connections[4]?.reconnectNow();
    await pass(30, 5);
    expect(dials(connections)).toEqual([1, 0, 0, 0, 1, 0]);
    await server.listen();
    connections[2]?.reconnectNow();
    await pass(100, 5);
    expect(connections.map(({ state }) => state)).toEqual(Array(6).fill('ready'));
    expect(dials(connections)).toEqual([2, 1, 1, 1, 2, 1]);
  });

  it('goes to who waits in ready(), before others, but not every time', async ({ server, manager }) => {
    await server.refuse();
    const connections = connectAll(manager, server, 5);
    await pass(100, 10);
    const isReady = connections[3]?.ready();
    await pass(1_000, 20);
    expect(dials(connections)).toEqual([1, 0, 0, 1, 0]);
    await pass(1_000, 20);
    expect(dials(connections)).toEqual([1, 1, 0, 1, 0]);
    await server.listen();
    await pass(1_000, 20);
    await isReady;
    expect(dials(connections)[3]).toBe(2);
  });

  it('goes to a pool in which somebody waits in acquire()', async ({ server, manager }) => {
    await server.refuse();
    const [idle, busy] = ['idle', 'busy'].map((name) => {
      const pool = manager.createPool(name, () => new Recorder(), options);
      for (let count = 0; count < 3; count += 1) pool.addConnection(server.port, server.host);
      return pool;
    }) as [Pool<Recorder>, Pool<Recorder>];
    await pass(100, 10);
    expect([dials(idle), dials(busy)]).toEqual([
      [1, 0, 0],
      [0, 0, 0],
    ]);
    const leased = busy.acquire();
    await pass(1_000, 20);
    expect([dials(idle), dials(busy)]).toEqual([
      [1, 0, 0],
      [1, 0, 0],
    ]);
    await server.listen();
    await pass(1_100, 20);
    (await leased).release();
    expect([...idle, ...busy].map(({ state }) => state)).toEqual(Array(6).fill('ready'));
  });

  it('is not lost when who dials, or was to dial next, is disconnected', async ({ server, manager }) => {
    await server.refuse();
    const { lookup, release } = slowLookup();
    const host = 'a.test';
    const [first, second, third, fourth] = Array.from({ length: 4 }, () =>
      manager.connect(server.port, host, new Recorder(), { ...options, lookup }),
    ) as [Connection<Recorder>, Connection<Recorder>, Connection<Recorder>, Connection<Recorder>];
    const all = [first, second, third, fourth];
    await pass(100, 10);
    expect(dials(all), 'the only dial in flight').toEqual([1, 0, 0, 0]);
    await Promise.all([first.disconnect(), pass(50, 10)]);
    expect(dials(all)).toEqual([1, 1, 0, 0]);
    release();
    await pass(20, 5);
    expect(second.state).toBe('waiting');
    const gone = third.disconnect();
    await pass(1_000, 20);
    await gone;
    expect(dials(all), 'the next one').toEqual([1, 1, 0, 1]);
    await server.listen();
    await pass(1_100, 20);
    expect(all.map(({ state }) => state)).toEqual(['closed', 'ready', 'closed', 'ready']);
  });

  it('is not lost when a pool removes its connections one after the other', async ({ server, manager }) => {
    await server.refuse();
    const pool = manager.createPool('p', () => new Recorder(), options);
    const connections = Array.from({ length: 4 }, () => pool.addConnection(server.port, server.host));
    await pass(100, 10);
    const removed = connections.slice(0, 2).map((connection) => pool.removeConnection(connection));
    await pass(1_000, 20);
    await Promise.all(removed);
    expect(dials(connections)).toEqual([1, 0, 1, 0]);
    await server.listen();
    await pass(1_100, 20);
    expect(connections.map(({ state }) => state)).toEqual(['closed', 'closed', 'ready', 'ready']);
  });

  it.for(['plain', 'tls'] as const)(
    'comes to a socket that the program has destroyed before its first dial (%s)',
    async (kind, { manager }) => {
      const { ca, localhost } = await certificates();
      const isTls = kind === 'tls';
      const server = await startFaultServer(isTls ? { tls: localhost } : {});
      const { lookup, release } = slowLookup();
      const tls = isTls ? { tls: { ca } } : {};
      const handlers = [new Recorder(), new Recorder(), new Recorder()] as const;
      const connections = handlers.map((handler) =>
        manager.connect(server.port, 'localhost', handler, { ...options, ...tls, lookup }),
      );
      const [, destroyed, disconnected] = connections as [
        Connection<Recorder>,
        Connection<Recorder>,
        Connection<Recorder>,
      ];
      destroyed.socket.destroy();
      disconnected.socket.destroy();
      await pass(20, 5);
      expect(dials(connections)).toEqual([1, 0, 0]);
      await Promise.all([disconnected.disconnect(), pass(20, 5)]);
      expect(handlers[2].closings.map(({ code }) => code)).toEqual(['disconnect']);
      release();
      await pass(200, 5);
      expect(connections.map(({ state }) => state)).toEqual(['ready', 'ready', 'closed']);
      expect(dials(connections)).toEqual([1, 1, 0]);
      expect(handlers[1].events).toEqual(['connect']);
      await manager.disconnectAll({ grace: 0 });
      await server.close();
    },
  );
});

describe('maxAttempts', () => {
  it('counts what failed for all: 50 connections give up after 5 dials', async ({ server, manager }) => {
    await server.refuse();
    const handlers: Recorder[] = [];
    const factory = (): Recorder => {
      const handler = new Recorder();
      handlers.push(handler);
      return handler;
    };
    const pool = manager.createPool('p', factory, { ...options, maxAttempts: 5 });
    const connections = Array.from({ length: 50 }, () => pool.addConnection(server.port, server.host));
    await pass(3_900, 50);
    expect(handlers.filter(({ closings }) => closings.length > 0)).toEqual([]);
    await pass(10_000, 50);
    expect(dials(connections).filter((count) => count > 0)).toEqual([1, 1, 1, 1, 1]);
    for (const { closings } of handlers) {
      expect(closings.map(({ code }) => code)).toEqual(['gave-up']);
      expect(closings[0]?.error).toMatchObject({ code: 'CONNMAN_DIAL' });
    }
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a connection that has given up', () => {
  it('hears nothing any more, not even of its own backoff', async ({ server, manager }) => {
    await server.refuse();
    const failing = (): never => {
      throw new Error('no idea');
    };
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler, {
      maxAttempts: 1,
      backoff: { delay: 1_000, next: failing },
    });
    const [other] = connectAll(manager, server, 1) as [Connection<Recorder>];
    await pass(50, 10);
    expect(handler.events).toEqual(['close']);
    expect(other.state).toBe('waiting');
  });

  it('may be disconnected by the backoff of another', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { ...options, maxAttempts: 1 });
    let isArmed = false;
    const ends: Backoff = {
      get delay() {
        if (isArmed) void connection.disconnect();
        return 1_000;
      },
      next: () => ends,
    };
    const other = manager.connect(server.port, server.host, new Recorder(), { backoff: ends });
    isArmed = true;
    await pass(50, 10);
    expect(handler.closings.map(({ code }) => code)).toEqual(['disconnect']);
    expect(other.stats().gate).toMatchObject({ state: 'probing', dialling: 0, waiting: 1 });
    await server.listen();
    await pass(1_100, 20);
    expect(other.state).toBe('ready');
  });

  it('may be followed by another, for which its failure does not count', async ({ server, manager }) => {
    await server.refuse();
    const once = { ...options, maxAttempts: 1 };
    const handler = new Recorder();
    const next = new Recorder();
    const inherited = handler.onClose.bind(handler);
    handler.onClose = (reason) => {
      inherited(reason);
      manager.connect(server.port, server.host, next, once);
    };
    manager.connect(server.port, server.host, handler, once);
    connectAll(manager, server, 1);
    await pass(50, 10);
    expect(handler.events).toEqual(['close']);
    expect(next.events).toEqual([]);
    await server.listen();
    await pass(2_100, 20);
    expect(next.events).toEqual(['connect']);
  });
});

describe('connections with options of their own that are the same', () => {
  const shared = exponential({ initial: 1_000, jitter: 0 });
  it.for([
    ['options', () => ({ initial: 1_000, jitter: 0 })],
    ['a value', () => shared],
  ] as const)('share one backoff (%s)', async ([, backoff], { server, manager }) => {
    await server.refuse();
    const handlers = Array.from({ length: 100 }, () => new Recorder());
    for (let round = 0; round < 10; round += 1) {
      for (const handler of handlers)
        manager.connect(server.port, server.host, handler, { backoff: backoff() });
      // oxlint-disable-next-line no-await-in-loop
      await pass(20, 10);
      // oxlint-disable-next-line no-await-in-loop
      await Promise.all([manager.disconnectAll({ grace: 0 }), pass(20, 10)]);
    }
    const waits = handlers[0]?.failures.map(({ delay }) => delay) ?? [];
    expect(waits).toHaveLength(10);
    // The shortest of a hundred that are drawn from nothing to 1 s is 10 ms.
    expect(Math.max(...waits)).toBeGreaterThan(150);
  });
});

describe('a gate', () => {
  it('is not shared by two managers, nor by TLS and plain', async ({ server, manager }) => {
    await server.refuse();
    const other = new ConnectionManager();
    const [first] = connectAll(manager, server, 1) as [Connection<Recorder>];
    await pass(100, 10);
    expect(first.stats().gate.state).toBe('probing');
    const others = [
      ...connectAll(other, server, 1),
      manager.connect(server.port, server.host, new Recorder(), { ...options, tls: {} }),
    ];
    expect(dials(others)).toEqual([1, 1]);
    const [same] = connectAll(manager, server, 1) as [Connection<Recorder>];
    await pass(100, 10);
    expect(dials([same])).toEqual([0]);
    await Promise.all([other.disconnectAll(), pass(10)]);
  });

  it('is forgotten with the last connection to its endpoint', async ({ server, manager }) => {
    await server.refuse();
    const connections = connectAll(manager, server, 2);
    await pass(100, 10);
    const [first, second] = connections as [Connection<Recorder>, Connection<Recorder>];
    await Promise.all([first.disconnect(), pass(10)]);
    expect(second.stats().gate.state).toBe('probing');
    await Promise.all([second.disconnect(), pass(10)]);
    const [next] = connectAll(manager, server, 1) as [Connection<Recorder>];
    expect(next.stats()).toMatchObject({
      dials: 1,
      gate: { state: 'up', window: 1, dialling: 1, waiting: 0 },
    });
  });
});
