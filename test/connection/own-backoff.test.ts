import { describe, expect } from 'vitest';
import type { Backoff, Connection, ConnectionOptions, ConnectionStats } from '../../src/index.js';
import { it } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

/** Waits of a minute, drawn by user code: `ask` runs wherever the wait is drawn. */
const waits: Readonly<Record<string, (ask: () => void) => ConnectionOptions['backoff']>> = {
  delay: (ask) => {
    const backoff: Backoff = {
      get delay() {
        ask();
        return 60_000;
      },
      next: () => backoff,
    };
    return backoff;
  },
  random: (ask) => ({
    initial: 60_000,
    max: 60_000,
    random: () => {
      ask();
      return 0.9;
    },
  }),
};

interface Asked {
  act: (() => void) | undefined;
}

/** Asked once, when something has happened: connecting asks as well, to check the option. */
function once(asked: Asked): () => void {
  return () => {
    const { act } = asked;
    asked.act = undefined;
    act?.();
  };
}

const closed = ['connect', 'reset', 'close'];

describe.each(Object.keys(waits))('inside %s, asked before the change', (name) => {
  const backoffOf = waits[name] as (typeof waits)[string];

  it('the snapshot is that of the life that has just ended', async ({ manager, server }) => {
    const handler = new Recorder();
    const asked: Asked = { act: undefined };
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: backoffOf(once(asked)),
    });
    await connection.ready();
    let seen: ConnectionStats | undefined;
    asked.act = () => (seen = connection.stats());
    server.dropAll('reset');
    await handler.until('reset');
    expect(seen).toMatchObject({ state: 'ready', life: 1, lastReset: undefined, gate: { state: 'up' } });
    expect(connection.stats()).toMatchObject({ state: 'waiting', lastReset: handler.resets[0] });
  });

  it('the snapshot is that of the dial that has just failed', async ({ manager, server }) => {
    await server.refuse();
    const handler = new Recorder();
    const asked: Asked = { act: undefined };
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: backoffOf(once(asked)),
    });
    let seen: ConnectionStats | undefined;
    asked.act = () => (seen = connection.stats());
    await handler.until('retry');
    expect(seen).toMatchObject({ state: 'connecting', dials: 1, failedDials: 0, lastDialError: undefined });
    expect(connection.stats()).toMatchObject({ failedDials: 1, lastDialError: handler.failures[0]?.error });
  });

  it('reconnectNow() skips the wait that is asked for', async ({ manager, server }) => {
    const handler = new Recorder();
    const asked: Asked = { act: undefined };
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: backoffOf(once(asked)),
    });
    await connection.ready();
    asked.act = () => connection.reconnectNow();
    server.dropAll('reset');
    await handler.until('reconnect');
    expect(handler.resets[0]).toMatchObject({ willReconnect: true, delay: 0 });
  });

  it('reconnectNow() skips the wait after a failed dial', async ({ manager, server }) => {
    await server.refuse();
    const handler = new Recorder();
    const asked: Asked = { act: undefined };
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: backoffOf(once(asked)),
    });
    asked.act = () => connection.reconnectNow();
    await handler.until('retry', 2);
    expect(handler.failures.map(({ delay }) => delay > 0)).toEqual([false, true]);
  });

  it('disconnect() makes that life the last one', async ({ manager, server }) => {
    const handler = new Recorder();
    const asked: Asked = { act: undefined };
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: backoffOf(once(asked)),
    });
    await connection.ready();
    let disconnected: Promise<void> | undefined;
    asked.act = () => {
      disconnected = connection.disconnect();
    };
    server.dropAll('reset');
    await handler.until('close');
    await disconnected;
    expect(handler.events).toEqual(closed);
    expect(handler.resets[0]).toMatchObject({ willReconnect: false });
    expect(connection.stats()).toMatchObject({ state: 'closed', dials: 1, gate: { waiting: 0 } });
  });

  it('disconnect() makes that dial the last one', async ({ manager, server }) => {
    await server.refuse();
    const handler = new Recorder();
    const asked: Asked = { act: undefined };
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: backoffOf(once(asked)),
    });
    asked.act = () => void connection.disconnect();
    await handler.until('close');
    expect(handler.events).toEqual(['close']);
    expect(connection.stats()).toMatchObject({ state: 'closed', dials: 1, failedDials: 1 });
  });

  it('reset() has no effect: the life is over', async ({ manager, server }) => {
    const handler = new Recorder();
    const asked: Asked = { act: undefined };
    const connection = manager.connect(server.port, server.host, handler, {
      backoff: backoffOf(once(asked)),
    });
    await connection.ready();
    asked.act = () => connection.reset(new Error('too late'));
    server.dropAll('reset');
    await handler.until('reset');
    expect(handler.resets).toMatchObject([{ code: 'error', error: { code: 'ECONNRESET' } }]);
  });

  it('reset() of another connection, and a new one, do what they say', async ({ manager, server }) => {
    const [handler, other] = [new Recorder(), new Recorder()];
    const asked: Asked = { act: undefined };
    const options = { backoff: backoffOf(once(asked)) };
    const connection = manager.connect(server.port, server.host, handler, options);
    const neighbour = manager.connect(server.port, server.host, other, { backoff: { initial: 1 } });
    await Promise.all([connection.ready(), neighbour.ready()]);
    let made: Connection | undefined;
    asked.act = () => {
      neighbour.reset();
      made = manager.connect(server.port, server.host, new Recorder());
    };
    connection.socket.destroy(new Error('lost'));
    await other.until('reset');
    for (const each of [neighbour, made]) each?.reconnectNow();
    await Promise.all([neighbour.ready(), made?.ready()]);
    expect(other.resets).toMatchObject([{ code: 'requested' }]);
    expect(connection.state).toBe('waiting');
  });
});
