import { describe, expect } from 'vitest';
import { constant, type Connection, type Handler, type Pool } from '../../../src/index.js';
import { it } from '../../support/fixtures.js';

const count = 40;
/** An order that is neither that of the pool nor its reverse. */
const scattered = (place: number): number => (place * 17 + 5) % count;

/** Compares the pool with a plain array, as often as it is told that something has happened. */
class Witness implements Handler {
  static pool: Pool<Witness>;
  static all: Connection<Witness>[] = [];
  static looks = 0;
  static errors: unknown[] = [];

  onConnect(): void {}
  onReconnect(): void {}

  onReset(): void {
    Witness.look();
  }

  onClose(): void {
    Witness.look();
  }

  onError(error: unknown): void {
    Witness.errors.push(error);
  }

  static look(): void {
    const { pool } = this;
    const model = this.all.filter(({ state }) => state !== 'closed');
    this.looks += 1;
    expect(pool.size).toBe(model.length);
    expect([...pool].map(({ id }) => id)).toEqual(model.map(({ id }) => id));
    for (const [index, connection] of model.entries()) {
      expect(pool.getConnection(index)).toBe(connection.socket);
      expect(pool.getHandler(index)).toBe(connection.handler);
    }
    expect(() => pool.getConnection(model.length)).toThrow(RangeError);
  }
}

describe('a pool from which many connections are removed', () => {
  it.beforeEach(async ({ server, manager }) => {
    const pool = manager.createPool('p', () => new Witness(), { backoff: constant(0) });
    Witness.pool = pool;
    Witness.looks = 0;
    Witness.errors = [];
    Witness.all = Array.from({ length: count }, () => pool.addConnection(server.endpoint));
    await pool.ready();
  });

  const ways: Readonly<Record<string, () => Promise<unknown>>> = {
    'all at once': () => Witness.pool.disconnect(),
    'all at once, and destroyed': () => Witness.pool.disconnect({ grace: 0 }),
    'here and there': () => {
      const order = Witness.all.map((_, place) => Witness.all[scattered(place)] as Connection<Witness>);
      return Promise.all(order.map((connection) => Witness.pool.removeConnection(connection)));
    },
    'the last first': () => {
      const order = Witness.all.toReversed();
      return Promise.all(order.map((connection) => connection.disconnect({ grace: 0 })));
    },
    'one after the other': async () => {
      for (let place = 0; place < count; place += 1) {
        await Witness.pool.removeConnection(Witness.all[scattered(place)] as Connection<Witness>);
      }
    },
  };

  it.for(Object.entries(ways))('is right at each moment, for handlers as well: %s', async ([, remove]) => {
    await remove();
    expect(Witness.errors).toEqual([]);
    expect(Witness.looks).toBe(2 * count);
    Witness.look();
    expect(Witness.pool.size).toBe(0);
  });

  it('adds at the end meanwhile', async ({ server }) => {
    const { all, pool } = Witness;
    const removed = all.filter((_, place) => place % 3 === 0).map((each) => pool.removeConnection(each));
    all.push(pool.addConnection(server.endpoint));
    Witness.look();
    await Promise.all(removed);
    all.push(pool.addConnection(server.endpoint));
    Witness.look();
    await pool.ready();
    Witness.look();
    expect(Witness.errors).toEqual([]);
  });

  it('knows which connections are still its own', async () => {
    const { all, pool } = Witness;
    const [first, second] = all as [Connection<Witness>, Connection<Witness>];
    await pool.removeConnection(second);
    expect(() => pool.removeConnection(second)).toThrow('expected a connection of the pool p');
    await pool.removeConnection(first);
    expect([...pool]).toEqual(all.slice(2));
  });
});
