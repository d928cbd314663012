import { describe, expect } from 'vitest';
import { constant, type Connection, type Pool, type Reset } from '../../src/index.js';
import { it, until } from '../support/fixtures.js';

const count = 250;
const perTurn = 100;
const options = { backoff: constant(1), stableAfter: 0 };

/** Counts the turns of the event loop until it is told to stop. */
function countTurns(): { turn: number; stop(): void } {
  const counter = { turn: 0, stop: () => clearImmediate(next) };
  let next = setImmediate(function tick() {
    counter.turn += 1;
    next = setImmediate(tick);
  });
  return counter;
}

/** Those whose sockets are gone, and whose turn has not come. */
function unlost(all: readonly Connection[]): Connection[] {
  return all.filter(({ state, socket }) => state === 'ready' && socket.destroyed);
}

describe('connections that lose their links in the same turn', () => {
  it('end their lives in turns, each once', async ({ server, manager }) => {
    const turns = countTurns();
    const lost: { turn: number; id: number; reset: Reset }[] = [];
    const factory = () => ({
      onConnect: () => undefined,
      onReset: (reset: Reset, { id }: Connection) => void lost.push({ turn: turns.turn, id, reset }),
    });
    const pool = manager.createPool('p', factory, options) as unknown as Pool;
    for (let index = 0; index < count; index += 1) pool.addConnection(server.port, server.host);
    await pool.ready(count);
    const all = [...pool];
    for (const { socket } of all) socket.destroy();
    await until(() => lost.length > 0);
    const waiting = unlost(all);
    expect(waiting.length).toBeGreaterThan(0);
    expect(pool.tryAcquire()?.socket.destroyed ?? false, 'one that is back, or none').toBe(false);
    const writes = waiting.map(({ socket }) => new Promise((done) => socket.write('x', done)));
    for (const error of await Promise.all(writes)) expect(error).toBeInstanceOf(Error);
    await until(() => lost.length === count);
    turns.stop();
    const inTurn = new Map<number, number>();
    for (const { turn } of lost) inTurn.set(turn, (inTurn.get(turn) ?? 0) + 1);
    expect(Math.max(...inTurn.values())).toBeLessThanOrEqual(perTurn);
    expect(new Set(lost.map(({ id }) => id)).size).toBe(count);
    for (const { reset } of lost)
      expect(reset).toMatchObject({ code: 'local-end', life: 1, willReconnect: true });
    await pool.ready(count);
    expect(pool.stats().refusedWrites).toBe(waiting.length);
  });

  it('are closed, reset or waited for before their turn comes', async ({ server, manager }) => {
    const lost = new Map<number, Reset>();
    const closed: number[] = [];
    const handler = {
      onConnect: () => undefined,
      onReset: (reset: Reset, { id }: Connection) => void lost.set(id, reset),
      onClose: (_: unknown, { id }: Connection) => void closed.push(id),
    };
    const all = Array.from({ length: count }, () =>
      manager.connect(server.port, server.host, handler, options),
    ) as unknown as Connection[];
    await Promise.all(all.map((each) => each.ready()));
    for (const { socket } of all) socket.destroy();
    await until(() => lost.size > 0);
    const [first, second, third] = unlost(all) as [Connection, Connection, Connection];
    const whenClosed = first.disconnect();
    second.reset(new Error('no use'));
    const whenReady = third.ready();
    await whenClosed;
    expect(first.state).toBe('closed');
    expect(closed).toEqual([first.id]);
    await whenReady;
    await Promise.all(all.filter((each) => each !== first).map((each) => each.ready()));
    expect([third.life, second.life, first.life]).toEqual([2, 2, 1]);
    expect(lost.size).toBe(count);
    expect(lost.get(first.id)?.willReconnect).toBe(false);
  });
});
