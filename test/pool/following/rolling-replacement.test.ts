import { describe, expect } from 'vitest';
import { constant, type ConnectionManager, type Endpoint, type Pool } from '../../../src/index.js';
import { startServerProcess, type ServerProcess } from '../../../src/testing/index.js';
import { it as plainIt, until } from '../../support/fixtures.js';
import { HastyServer } from '../../support/hasty-server.js';
import { LineHandler } from '../../support/line-handler.js';
import { repeat } from '../../support/repeat.js';
import { ScriptedDiscovery } from '../../support/scripted-discovery.js';
import { byLease, byPick, Load, type Request, type Way } from './load.js';

const count = 5;
const perEndpoint = 2;
const users = 20;

interface Server {
  readonly endpoint: Endpoint;
  close(): Promise<void>;
}

/** The servers that there are, and those that replace them. */
interface Fleet<S extends Server> {
  readonly old: readonly S[];
  readonly fresh: readonly S[];
}

/** Starts a fleet for the time of a test. */
async function withFleet<S extends Server>(
  start: () => Promise<S>,
  use: (fleet: Fleet<S>) => Promise<void>,
): Promise<void> {
  const all = await Promise.all(Array.from({ length: 2 * count }, start));
  await use({ old: all.slice(0, count), fresh: all.slice(count) });
  await Promise.all(all.map((server) => server.close()));
}

/** `it` with servers in processes of their own, which can be killed, and servers that know when nobody needs them. */
const it = plainIt.extend<{ processes: Fleet<ServerProcess>; servers: Fleet<HastyServer> }>({
  // oxlint-disable-next-line no-empty-pattern
  processes: ({}, use) => withFleet(startServerProcess, use),
  // oxlint-disable-next-line no-empty-pattern
  servers: ({}, use) => withFleet(() => new HastyServer().start(), use),
});

/** A pool with all the old servers, and load on all its connections. */
async function underLoad(
  manager: ConnectionManager,
  source: ScriptedDiscovery,
  old: readonly Server[],
  way: Way,
): Promise<[Pool<LineHandler>, Load]> {
  const options = { discovery: source, perEndpoint, drain: 1_000, backoff: constant(5) };
  const pool = manager.createPool('fleet', () => new LineHandler(), options);
  await source.say(old.map(({ endpoint }) => endpoint));
  await pool.ready();
  const load = new Load(pool, way);
  load.start(users);
  await until(() => load.right >= 200);
  return [pool, load];
}

/** What discovery says when so many servers are replaced. */
function fleetAfter({ old, fresh }: Fleet<Server>, replaced: number): unknown {
  return [...old.slice(replaced), ...fresh.slice(0, replaced)].map(({ endpoint }) => endpoint);
}

/** All connections are up again, and the load goes on. */
async function recovered(pool: Pool<LineHandler>, load: Load): Promise<void> {
  await until(() => pool.readyCount === count * perEndpoint);
  const { right } = load;
  await until(() => load.right >= right + 200);
}

const byLine = (requests: readonly Request[]): string[] => requests.map(({ line }) => line).toSorted();

describe.each([
  ['leases', byLease],
  ['pick()', byPick],
] as const)('five servers that are replaced by five others under load, by %s', (_, way) => {
  it('lose what is under way on a server when it is killed, and nothing else', async ({
    manager,
    processes,
  }) => {
    const source = new ScriptedDiscovery();
    const [pool, load] = await underLoad(manager, source, processes.old, way);
    const doomed: Request[] = [];
    await repeat(count, async (index) => {
      const server = processes.old[index] as ServerProcess;
      // So that something is under way, on each of its connections, and stays so.
      await server.stop();
      await until(() => load.inFlightTo(server.port).length >= perEndpoint);
      void source.say(fleetAfter(processes, index + 1));
      doomed.push(...load.inFlightTo(server.port));
      await server.kill();
      await recovered(pool, load);
    });
    await load.stop();
    expect(doomed.length).toBeGreaterThanOrEqual(count * perEndpoint);
    expect(byLine(load.lost)).toEqual(byLine(doomed));
    expect(load.failures).toEqual([]);
    expect(load.wrong).toEqual([]);
    expect(pool.size).toBe(count * perEndpoint);
  });

  it('lose nothing when each is stopped only after it has no connections any more', async ({
    manager,
    servers,
  }) => {
    const source = new ScriptedDiscovery();
    const [pool, load] = await underLoad(manager, source, servers.old, way);
    const stopped: Promise<void>[] = [];
    await repeat(count, async (index) => {
      const server = servers.old[index] as HastyServer;
      await source.say(fleetAfter(servers, index + 1));
      stopped.push(until(() => server.size === 0).then(() => server.close()));
      await recovered(pool, load);
    });
    await Promise.all(stopped);
    await recovered(pool, load);
    await load.stop();
    expect(load.lost).toEqual([]);
    expect(load.failures).toEqual([]);
    expect(load.wrong).toEqual([]);
    expect(pool.stats()).toMatchObject({
      state: 'up',
      size: count * perEndpoint,
      removed: count * perEndpoint,
    });
    expect(pool.stats().resets).toMatchObject({ disconnect: count * perEndpoint, 'remote-end': 0, error: 0 });
  });
});
