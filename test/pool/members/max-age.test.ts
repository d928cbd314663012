import { describe, expect } from 'vitest';
import { constant, type Connection, type Pool } from '../../../src/index.js';
import { pass, passUntil, withFakeTime } from '../../support/fake-time.js';
import { it as plainIt } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

const maxAge = 10_000;
/** Longer than any life may last. */
const longer = 11_500;

interface Fixtures {
  /** Makes a pool with so many connections, which are ready; time is fake. */
  poolOf: (count: number) => Promise<Pool<Recorder>>;
}

const it = plainIt.extend<Fixtures>({
  poolOf: async ({ server, manager }, use) => {
    await use(async (count) => {
      const pool = manager.createPool('p', () => new Recorder(), { maxAge, backoff: constant(100) });
      for (let index = 0; index < count; index += 1) pool.addConnection(server.port, server.host);
      await passUntil(pool.ready());
      return pool;
    });
  },
});

const endsOf = (pool: Pool<Recorder>): string[][] =>
  [...pool].map(({ handler }) => handler.resets.map(({ code }) => code));

describe('maxAge in a pool', () => {
  it('never ends a life that is lent, but when it is released', async ({ poolOf }) => {
    await withFakeTime(async () => {
      const pool = await poolOf(1);
      const lease = await pool.acquire();
      await pass(3 * longer, 500);
      expect([endsOf(pool), lease.signal.aborted]).toEqual([[[]], false]);
      const waiter = pool.acquire();
      lease.release();
      expect(pool.readyCount).toBe(0);
      await pass(1_000);
      const next = await waiter;
      expect([endsOf(pool), next.connection.life]).toEqual([[['max-age']], 2]);
      next.release();
      await pool.disconnect();
    });
  });

  it('renews one connection of an endpoint at a time, while another is ready', async ({ poolOf }) => {
    await withFakeTime(async () => {
      const pool = await poolOf(3);
      let least = Infinity;
      for (let passed = 0; passed < longer + 2_000; passed += 20) {
        await pass(20, 20);
        least = Math.min(least, pool.readyCount);
      }
      expect(endsOf(pool)).toEqual([['max-age'], ['max-age'], ['max-age']]);
      expect(least).toBe(2);
      await pool.disconnect();
    });
  });

  it('keeps the last ready connection of an endpoint until another is ready', async ({ poolOf, server }) => {
    await withFakeTime(async () => {
      const pool = await poolOf(2);
      const [first, second] = [...pool] as unknown as [Connection<Recorder>, Connection<Recorder>];
      await server.accept(2);
      await server.refuse();
      server.connections[0]?.reset();
      await pass(2 * longer, 200);
      const ends = [first, second].map(({ handler }) => handler.resets.map(({ code }) => code));
      expect(ends.toSorted((a, b) => a.length - b.length)).toEqual([[], ['error']]);
      expect([pool.readyCount, first.life, second.life]).toEqual([1, 1, 1]);
      await server.listen();
      await pass(3_000);
      expect([...pool].flatMap(({ handler }) => handler.resets.map(({ code }) => code)).toSorted()).toEqual([
        'error',
        'max-age',
      ]);
      expect(pool.readyCount).toBe(2);
      await pool.disconnect();
    });
  });
});
