import { expect } from 'vitest';
import { constant } from '../../src/index.js';
import { it } from '../support/channels.js';
import { Recorder } from '../support/recorder.js';

it('tells that a lease is over before it tells of the next one', async ({ server, manager, channels }) => {
  const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0) });
  pool.addConnection(server.endpoint);
  const first = await pool.acquire();
  const waiting = pool.acquire();
  first.release();
  (await waiting).release();
  const told = channels.names.filter((name) => name === 'pool:acquire' || name === 'pool:release');
  expect(told).toEqual(['pool:acquire', 'pool:release', 'pool:acquire', 'pool:release']);
});
