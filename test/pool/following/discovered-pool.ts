import { constant, type Connection, type Endpoint, type Pool, type PoolOptions } from '../../../src/index.js';
import { startFaultServer, type FaultServer } from '../../../src/testing/index.js';
import { it as plainIt } from '../../support/channels.js';
import { Recorder } from '../../support/recorder.js';
import { ScriptedDiscovery } from '../../support/scripted-discovery.js';

/** A pool that follows a source which says what a test tells it to. */
export interface DiscoveredPool {
  readonly source: ScriptedDiscovery;
  readonly pool: Pool<Recorder>;
}

type Options = PoolOptions<Recorder> & { readonly factory?: (endpoint: Endpoint) => Recorder };

interface Fixtures {
  /** Starts so many echo servers; they are closed after the test. */
  startServers: (count: number) => Promise<FaultServer[]>;
  /** Makes a pool of that kind; its connections dial again at once. */
  follow: (options?: Options) => DiscoveredPool;
}

/** `it` with pools that follow discovery, servers for them, and a subscriber of every channel. */
export const it = plainIt.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern
  startServers: async ({}, use) => {
    const servers: FaultServer[] = [];
    await use(async (count) => {
      const started = await Promise.all(Array.from({ length: count }, () => startFaultServer()));
      servers.push(...started);
      return started;
    });
    await Promise.all(servers.map((server) => server.close()));
  },
  follow: async ({ manager }, use) => {
    await use(({ factory = () => new Recorder(), ...options } = {}) => {
      const source = new ScriptedDiscovery();
      const all = { backoff: constant(0), discovery: source, ...options };
      return { source, pool: manager.createPool('followed', factory, all) };
    });
  },
});

/** The endpoints of servers, for a snapshot. */
export function endpointsOf(servers: readonly FaultServer[]): Endpoint[] {
  return servers.map(({ endpoint }) => endpoint);
}

/** The connections of a pool to one server. */
export function connectionsTo(pool: Pool<Recorder>, server: FaultServer): Connection<Recorder>[] {
  return [...pool].filter(({ endpoint }) => endpoint.port === server.port);
}

/** How many connections a pool has to each of these servers. */
export function spread(pool: Pool<Recorder>, servers: readonly FaultServer[]): number[] {
  return servers.map((server) => connectionsTo(pool, server).length);
}
