import { expect } from 'vitest';
import { constant, type Connection, type ConnectionManager, type Pool } from '../../../src/index.js';
import { it as plainIt, until } from '../../support/fixtures.js';
import { HastyServer } from '../../support/hasty-server.js';
import { ScriptedDiscovery } from '../../support/scripted-discovery.js';
import { Asker, SteadyLoad } from './steady-load.js';

/** How long an answer takes, in milliseconds. */
const latency = 60;
/** More than any test waits for. */
const drain = 60_000;

interface Scene {
  readonly manager: ConnectionManager;
  readonly servers: readonly HastyServer[];
  readonly source: ScriptedDiscovery;
  readonly pool: Pool<Asker>;
  readonly load: SteadyLoad;
}

/** Servers that answer late, and forget what they owe when the peer ends; two connections to the first, and load on both. */
const it = plainIt.extend<{ scene: Scene; maxAge: number }>({
  maxAge: 0,
  scene: async ({ manager, maxAge }, use) => {
    const start = (): Promise<HastyServer> => new HastyServer(latency).start();
    const servers = await Promise.all([start(), start()]);
    const source = new ScriptedDiscovery();
    const options = {
      discovery: source,
      perEndpoint: 2,
      drain,
      maxAge,
      backoff: constant(0),
      stableAfter: 0,
    };
    const pool = manager.createPool('shared', () => new Asker(), options);
    await source.say([(servers[0] as HastyServer).endpoint]);
    await pool.ready();
    const load = new SteadyLoad(pool, 200);
    await until(() => load.answered >= 20 && [...pool].every(({ handler }) => handler.requests.pending > 2));
    await use({ manager, servers, source, pool, load });
    await load.stop();
    await pool.disconnect();
    await Promise.all(servers.map((server) => server.close()));
  },
});

/** Whether nothing was lost, and every `pick()` returned a connection. */
async function expectNothingLost(load: SteadyLoad): Promise<void> {
  const { answered } = load;
  await until(() => load.answered >= answered + 20);
  await load.stop();
  expect([load.lost, load.refused, load.pending]).toEqual([[], [], 0]);
}

/** How long it took, in milliseconds. */
async function timeOf(work: Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work;
  return performance.now() - before;
}

it('by removeConnection, which takes as long as the requests', async ({ scene: { pool, load } }) => {
  const [first] = pool;
  const time = await timeOf(pool.removeConnection(first as Connection<Asker>, { drain }));
  expect(time).toBeLessThan(drain / 10);
  // Discovery wants another in its place, some time later.
  expect([...pool]).not.toContain(first);
  await expectNothingLost(load);
});

it('by disconnect', async ({ scene: { pool, load } }) => {
  const askers = [...pool].map(({ handler }) => handler);
  const stopped = load.stop();
  const time = await timeOf(pool.disconnect({ drain }));
  await stopped;
  expect(time).toBeLessThan(drain / 10);
  expect([load.lost, load.refused]).toEqual([[], []]);
  expect(askers.map(({ resets }) => resets.map(({ code }) => code))).toEqual([
    ['disconnect'],
    ['disconnect'],
  ]);
});

it('by disconnectAll', async ({ scene: { manager, load } }) => {
  const stopped = load.stop();
  const time = await timeOf(manager.disconnectAll({ drain }));
  await stopped;
  expect(time).toBeLessThan(drain / 10);
  expect([load.lost, load.refused]).toEqual([[], []]);
});

it('by discovery, which replaces the endpoint', async ({ scene: { pool, load, source, servers } }) => {
  const [old, fresh] = servers as [HastyServer, HastyServer];
  void source.say([fresh.endpoint]);
  await until(
    () => pool.size === 2 && [...pool].every(({ endpoint }) => endpoint.port === fresh.endpoint.port),
  );
  await until(() => old.size === 0);
  await expectNothingLost(load);
});

it('by resize', async ({ scene: { pool, load } }) => {
  pool.resize(1);
  await until(() => pool.size === 1);
  await expectNothingLost(load);
});

it('by retire(), in place', async ({ scene: { pool, load } }) => {
  const before = [...pool].map(({ socket }) => socket);
  const retired = [...pool].map((connection) => connection.retire());
  expect(pool.stats().connections.map(({ retiring }) => retiring)).toEqual([true, false]);
  expect(pool.readyCount).toBe(1);
  await Promise.all(retired);
  await until(() => pool.readyCount === 2);
  expect([...pool].map(({ socket, life }) => [before.indexOf(socket), life])).toEqual([
    [0, 2],
    [1, 2],
  ]);
  await expectNothingLost(load);
});

plainIt('by setEndpoints, there and back', async ({ manager }) => {
  const servers = [await new HastyServer(20).start(), await new HastyServer(20).start()] as const;
  const pool = manager.createPool('moving', () => new Asker(), {
    drain,
    backoff: constant(0),
    stableAfter: 0,
  });
  for (let index = 0; index < 2; index += 1) pool.addConnection(servers[0].endpoint);
  await pool.ready();
  const load = new SteadyLoad(pool, 500);
  for (let round = 1; round <= 6; round += 1) {
    await until(() => [...pool].every(({ handler }) => handler.requests.pending > 2));
    const { endpoint } = servers[round % 2 ? 1 : 0];
    for (const connection of pool) connection.setEndpoints(endpoint);
    await until(() => [...pool].every(({ life, state }) => life === round + 1 && state === 'ready'));
    expect([...pool].map((connection) => connection.endpoint.port)).toEqual([endpoint.port, endpoint.port]);
  }
  const resets = [...pool].map(({ handler }) => handler.resets.map(({ code }) => code));
  expect(resets).toEqual([Array(6).fill('retired'), Array(6).fill('retired')]);
  await expectNothingLost(load);
  await pool.disconnect();
  await Promise.all(servers.map((server) => server.close()));
});

it.describe('by maxAge', () => {
  it.override({ maxAge: 200 });

  it('again and again', { timeout: 60_000 }, async ({ scene: { pool, load } }) => {
    await until(() => [...pool].every(({ life }) => life >= 4));
    expect(pool.stats().resets).toMatchObject({ 'remote-end': 0, error: 0, 'local-end': 0 });
    await expectNothingLost(load);
  });
});
