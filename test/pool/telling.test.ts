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

it('serves in turn also where a subscriber gives back the next lease', async ({
  server,
  manager,
  channels,
}) => {
  const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0) });
  for (let count = 0; count < 2; count += 1) pool.addConnection(server.endpoint);
  await pool.ready();
  const [first, second] = [await pool.acquire(), await pool.acquire()];
  const served: string[] = [];
  const serve = async (name: string): Promise<void> => {
    using _ = await pool.acquire();
    served.push(name);
  };
  const waiting = [serve('earlier'), serve('later')];
  let isTold = false;
  channels.on('connman:pool:acquire', () => {
    if (isTold) return;
    isTold = true;
    second.release();
  });
  first.release();
  await Promise.all(waiting);
  expect(served).toEqual(['earlier', 'later']);
});
