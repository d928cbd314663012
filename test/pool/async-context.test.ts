import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect } from 'vitest';
import type { Pool } from '../../src/index.js';
import { it as base } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const callers = Array.from({ length: 20 }, (_, index) => index);

/** Makes a call for each of 20 callers in an async context of its own. Gives the contexts in which they went on. */
function contextsOf<T>(call: (context: () => number | undefined) => Promise<T>): Promise<T[]> {
  const storage = new AsyncLocalStorage<number>();
  return Promise.all(callers.map((caller) => storage.run(caller, () => call(() => storage.getStore()))));
}

const it = base.extend<{ poolOf: (size: number) => Pool }>({
  poolOf: async ({ manager, server }, use) => {
    await use((size) => {
      const pool = manager.createPool('p', () => new Recorder());
      for (let index = 0; index < size; index += 1) pool.addConnection(server.port, server.host);
      return pool;
    });
  },
});

// With one connection, all callers but one wait for the lease of another.
describe.each([1, callers.length])(
  'with %i connections, each of 20 callers goes on in its own context',
  (size) => {
    it('after acquire()', async ({ poolOf }) => {
      const pool = poolOf(size);
      const contexts = await contextsOf(async (context) => {
        const lease = await pool.acquire();
        const found = context();
        lease.release();
        return found;
      });
      expect(contexts).toEqual(callers);
    });

    it('after acquire() has rejected', async ({ poolOf }) => {
      const pool = poolOf(size);
      await pool.ready();
      const leases = Array.from({ length: size }, () => pool.tryAcquire());
      const contexts = await contextsOf(async (context) => {
        await expect(pool.acquire({ timeout: 20 })).rejects.toThrow('was free within 20 ms');
        return context();
      });
      for (const lease of leases) lease?.release();
      expect(contexts).toEqual(callers);
    });

    it('in the work of use(), and after it', async ({ poolOf }) => {
      const pool = poolOf(size);
      const contexts = await contextsOf(async (context) => [await pool.use(context), context()]);
      expect(contexts).toEqual(callers.map((caller) => [caller, caller]));
    });

    it('after ready()', async ({ poolOf }) => {
      const pool = poolOf(size);
      const contexts = await contextsOf(async (context) => {
        await pool.ready(1);
        return context();
      });
      expect(contexts).toEqual(callers);
    });
  },
);
