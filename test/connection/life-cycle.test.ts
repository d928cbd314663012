import type { LookupFunction } from 'node:net';
import { describe, expect } from 'vitest';
import { constant, type ConnectionState } from '../../src/index.js';
import { nextState, transitions } from '../../src/connection/life-cycle.js';
import {
  Shared,
  createConnection,
  internals,
  resolveOptions,
  type Connection,
  type ConnectionOptions,
} from '../../src/connection/index.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const states = ['waiting', 'connecting', 'handshaking', 'ready', 'closing', 'closed'] as const;

/** Every way of the table from one state to another. */
const steps = Object.entries(transitions).flatMap(([from, ways]) =>
  Object.entries(ways).map(([trigger, to]) => ({ from, trigger, to })),
);

function leadingTo(state: ConnectionState): string[] {
  return steps.filter(({ to }) => to === state).map(({ from, trigger }) => `${from} ${trigger}`);
}

describe('the transition table', () => {
  it('each state is entered for its own reasons only', () => {
    expect(leadingTo('connecting')).toEqual(['waiting dial']);
    expect(leadingTo('handshaking')).toEqual(['connecting connected']);
    expect(leadingTo('ready')).toEqual(['handshaking handshake-done']);
    expect(leadingTo('waiting')).toEqual([
      'connecting dial-failed',
      'handshaking life-ended',
      'ready life-ended',
    ]);
    expect(leadingTo('closed')).toEqual(['waiting gave-up', 'connecting gave-up', 'closing socket-closed']);
  });

  it('disconnect leads to closing from everywhere but the end', () => {
    expect(leadingTo('closing')).toEqual(
      ['waiting', 'connecting', 'handshaking', 'ready'].map((state) => `${state} disconnect`),
    );
  });

  it('a trigger that comes too late leads nowhere', () => {
    expect(nextState('connecting', 'connected')).toBe('handshaking');
    expect(nextState('closing', 'connected')).toBeUndefined();
  });

  it('nothing leads out of closed', () => {
    expect(transitions.closed).toEqual({});
  });

  it('every state can be reached, and closed can be reached from every state', () => {
    const reach = (from: ConnectionState): Set<ConnectionState> => {
      const seen = new Set([from]);
      for (const state of seen) for (const next of Object.values(transitions[state])) seen.add(next);
      return seen;
    };
    expect([...reach('waiting')].toSorted()).toEqual([...states].toSorted());
    for (const state of states) expect(reach(state)).toContain('closed');
  });
});

/** A connection whose states are written down. */
function observed(
  port: number,
  handler: Recorder,
  options: ConnectionOptions,
): [Connection, ConnectionState[]] {
  const seen: ConnectionState[] = [];
  const changing = (connection: Connection): void => void seen.push(connection.state);
  const owner = { shared: new Shared(), changing, changed: () => undefined };
  const connection = createConnection([{ port, host: '127.0.0.1' }], handler, resolveOptions(options), owner);
  internals(connection).start();
  return [connection, seen];
}

describe('a connection', () => {
  it('goes through its states in order, with the callbacks to match', async ({ server }) => {
    const handler = new Recorder();
    const [connection, seen] = observed(server.port, handler, { backoff: constant(0) });
    await handler.until('connect');
    server.dropAll('reset');
    await handler.until('reconnect');
    await server.refuse();
    server.dropAll('end');
    await handler.until('retry', 2);
    await server.listen();
    await handler.until('reconnect', 2);
    await connection.disconnect();
    await handler.until('close');
    const life = ['connecting', 'handshaking', 'ready'];
    expect(seen.join().replaceAll(/(,connecting,waiting)+/g, ',connecting,waiting')).toBe(
      [...life, 'waiting', ...life, 'waiting', 'connecting', 'waiting', ...life, 'closing', 'closed'].join(),
    );
    expect(handler.events.filter((name) => name !== 'retry')).toEqual([
      'connect',
      'reset',
      'reconnect',
      'reset',
      'reconnect',
      'reset',
      'close',
    ]);
    expect(new Set(handler.sockets)).toEqual(new Set([connection.socket]));
    expect(connection.life).toBe(3);
  });

  it('calls nothing before connect() has returned', async ({ server, manager }) => {
    const handler = new Recorder();
    const lookup: LookupFunction = (_host, _options, answer) => answer(new Error('sync'), []);
    const connection = manager.connect(server.port, 'name.test', handler, { lookup });
    expect(handler.events).toEqual([]);
    expect(connection.state).toBe('connecting');
    await handler.until('retry');
    expect(handler.failures[0]?.error.cause).toMatchObject({ message: 'sync' });
  });

  it('counts lives, dials and bytes over all lives', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { backoff: constant(0) });
    for (let life = 1; life <= 3; life += 1) {
      await handler.until(life === 1 ? 'connect' : 'reconnect', Math.max(1, life - 1));
      connection.socket.write('four');
      await until(() => handler.input.at(-1) === 'four');
      if (life === 2) await server.refuse();
      server.dropAll('reset');
      await handler.until('reset', life);
      if (life === 2) {
        await handler.until('retry', 2);
        await server.listen();
      }
    }
    await handler.until('reconnect', 3);
    const stats = connection.stats();
    expect(stats).toMatchObject({
      state: 'ready',
      life: 4,
      bytesRead: 12,
      bytesWritten: 12,
      lastReset: { life: 3 },
    });
    expect(stats.dials).toBe(4 + stats.failedDials);
    expect(stats.failedDials).toBe(handler.failures.length);
    expect(stats.uptime).toBeGreaterThan(0);
    expect(Object.isFrozen(stats)).toBe(true);
    expect(stats.lastDialError).toBe(handler.failures.at(-1)?.error);
  });
});
