import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect } from 'vitest';
import { constant, type Connection, type Pool, type PoolOptions } from '../../../src/index.js';
import { startFaultServer, type FaultServer } from '../../../src/testing/index.js';
import { it as plainIt, nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { ScriptedDiscovery } from '../../support/scripted-discovery.js';

const it = plainIt.extend<{ other: FaultServer }>({
  // oxlint-disable-next-line no-empty-pattern
  other: async ({}, use) => {
    const server = await startFaultServer();
    await use(server);
    await server.close();
  },
});

const options: PoolOptions<Recorder> = { backoff: constant(1), stableAfter: 0, drain: 20 };
const young = { ...options, maxAge: { age: 20, overlap: true } };

/** Whether all that there is is ready, and nothing stands in for it. */
function isWhole(pool: Pool<Recorder>, size: number): boolean {
  return pool.size === size && pool.readyCount === size;
}

it('leaves an endpoint in the state that those who stay have', async ({ manager, server, other }) => {
  const pool = manager.createPool('p', () => new Recorder(), options);
  const [first] = [pool.addConnection(server.endpoint), pool.addConnection(server.endpoint)];
  await pool.ready();
  first?.setEndpoints(other.endpoint);
  await until(() => first?.life === 2 && isWhole(pool, 2));
  await nextTurn();
  expect(pool.stats().endpoints.map(({ state, size }) => [state, size])).toEqual([
    ['up', 1],
    ['up', 1],
  ]);
});

it('goes where it was told last', async ({ manager, server, other }) => {
  const pool = manager.createPool('p', () => new Recorder(), options);
  const connection = pool.addConnection(server.endpoint);
  await connection.ready();
  await using dead = await startFaultServer();
  await dead.refuse();
  connection.setEndpoints(dead.endpoint);
  await until(() => pool.stats().failedDials > 2);
  connection.setEndpoints(other.endpoint);
  await until(() => connection.life === 2 && isWhole(pool, 1));
  expect(connection.endpoint).toEqual(other.endpoint);
});

it('needs no other when it was told to stay', async ({ manager, server, other }) => {
  const pool = manager.createPool('p', () => new Recorder(), options);
  const connection = pool.addConnection(server.endpoint);
  await connection.ready();
  await other.refuse();
  connection.setEndpoints(other.endpoint);
  await until(() => pool.stats().failedDials > 2);
  connection.setEndpoints(server.endpoint);
  await until(() => isWhole(pool, 1));
  expect(connection.endpoint).toEqual(server.endpoint);
});

it('is not waited for', async ({ manager, server, other }) => {
  const pool = manager.createPool('p', () => new Recorder(), options);
  const connection = pool.addConnection(server.endpoint);
  await connection.ready();
  await other.refuse();
  connection.setEndpoints(other.endpoint);
  await until(() => pool.size === 2);
  await pool.ready();
  expect([pool.size, pool.readyCount]).toEqual([2, 1]);
});

it('goes to any of several', async ({ manager, server, other }) => {
  const pool = manager.createPool('p', () => new Recorder(), options);
  const connection = pool.addConnection(server.endpoint);
  await connection.ready();
  await using dead = await startFaultServer();
  await dead.refuse();
  connection.setEndpoints([dead.endpoint, other.endpoint]);
  await until(() => connection.life === 2 && isWhole(pool, 1));
  expect(connection.endpoint).toEqual(other.endpoint);
});

it('has no successor when it is forfeited', async ({ manager, server, other }) => {
  let made = 0;
  const pool = manager.createPool(
    'p',
    () => {
      const handler = new Recorder();
      made += 1;
      // Only this one gets there.
      if (made === 2) handler.onConnect = () => void other.refuse();
      return handler;
    },
    options,
  );
  const connection = pool.addConnection(server.endpoint);
  await connection.ready();
  connection.setEndpoints(other.endpoint);
  await until(() => connection.life === 1 && connection.state !== 'ready' && pool.readyCount === 1);
  const zombie = await pool.acquire();
  expect(zombie.connection).not.toBe(connection);
  other.dropAll('reset');
  await until(() => zombie.connection.state === 'closed');
  expect([...pool]).toEqual([connection]);
  await other.listen();
  await until(() => isWhole(pool, 1));
  expect([made, connection.endpoint]).toEqual([2, other.endpoint]);
});

it('is opened again, and keeps no other from being renewed', async ({ manager, server }) => {
  let made = 0;
  const pool = manager.createPool(
    'p',
    () => {
      made += 1;
      if (made === 3) throw new Error('no handler');
      return new Recorder();
    },
    young,
  );
  const pair = [pool.addConnection(server.endpoint), pool.addConnection(server.endpoint)];
  await until(() => pair.every(({ life }) => life > 1));
});

it('goes to the endpoints of one that was forfeited', async ({ manager, server, other }) => {
  const pool = manager.createPool('p', () => new Recorder(), options);
  const connection = pool.addConnection(server.endpoint);
  await pool.ready();
  const zombie = await pool.acquire();
  server.dropAll('reset');
  await until(() => connection.state === 'waiting');
  connection.setEndpoints([other.endpoint]);
  await until(() => connection.state === 'closed' && isWhole(pool, 1));
  const [successor] = pool;
  expect([successor === connection, successor?.endpoint]).toEqual([false, other.endpoint]);
  zombie.release();
});

it('stays until the endpoint that replaces another is ready', async ({ manager, server, other }) => {
  const source = new ScriptedDiscovery();
  const pool = manager.createPool('p', () => new Recorder(), { ...young, discovery: source });
  await other.refuse();
  await source.say([server.endpoint]);
  await pool.ready();
  const [connection] = pool as Iterable<Connection<Recorder>>;
  let said: Promise<unknown> | undefined;
  const replace = (): void => void (said ??= source.say([other.endpoint]));
  subscribe('connman:connection:retire', replace);
  await until(() => said !== undefined);
  unsubscribe('connman:connection:retire', replace);
  await said;
  let least = Infinity;
  const look = (): boolean => {
    least = Math.min(least, pool.readyCount);
    return pool.stats().failedDials > 5;
  };
  await until(look);
  await other.listen();
  await until(() => look() && connection?.state === 'closed');
  expect([least, pool.readyCount]).toEqual([1, 1]);
});
