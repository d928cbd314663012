import { constant, type Pool, type PoolOptions } from '../../src/index.js';
import { it as plainIt } from './fixtures.js';
import { Recorder } from './recorder.js';

interface Fixtures {
  /** Makes a pool of one connection, which is ready. */
  poolOfOne: (options?: PoolOptions<Recorder>) => Promise<Pool<Recorder>>;
}

/** A test of a pool whose one connection dials again at once. */
export const it = plainIt.extend<Fixtures>({
  poolOfOne: async ({ server, manager }, use) => {
    await use(async (options) => {
      const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0), ...options });
      pool.addConnection(server.port, server.host);
      await pool.ready();
      return pool;
    });
  },
});
