import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import type { ConnectionManager, Endpoint } from '../../src/index.js';
import { end, echo, startFaultServer, type FaultServer } from '../../src/testing/index.js';
import { pass, useFakeTime } from '../support/fake-time.js';
import { it as plainIt } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const it = plainIt.extend<{
  servers: [FaultServer, FaultServer];
  /** Servers that echo (`e`), flap (`f`) or refuse (`r`). */
  serversThat: (dos: string) => Promise<FaultServer[]>;
}>({
  // oxlint-disable-next-line no-empty-pattern
  servers: async ({}, use) => {
    const servers: [FaultServer, FaultServer] = [await startFaultServer(), await startFaultServer()];
    await use(servers);
    await Promise.all(servers.map((server) => server.close()));
  },
  // oxlint-disable-next-line no-empty-pattern
  serversThat: async ({}, use) => {
    const servers: FaultServer[] = [];
    await use((dos) =>
      Promise.all(
        Array.from(dos, async (does) => {
          const server = await startFaultServer();
          servers.push(server);
          if (does === 'f') server.script = () => end();
          if (does === 'r') await server.refuse();
          return server;
        }),
      ),
    );
    await Promise.all(servers.map((server) => server.close()));
  },
});

const options = { backoff: { initial: 100, max: 2_000 } };

function connectAll(
  manager: ConnectionManager,
  servers: readonly FaultServer[],
  count: number,
): ReturnType<ConnectionManager['connect']>[] {
  const endpoints: Endpoint[] = servers.map(({ host, port }) => ({ host, port }));
  return Array.from({ length: count }, () => manager.connect(endpoints, new Recorder(), options));
}

function ready(connections: readonly { readonly state: string }[]): number {
  return connections.filter(({ state }) => state === 'ready').length;
}

describe('several endpoints, and a gate to each', () => {
  beforeEach(useFakeTime);
  afterEach(() => void vi.useRealTimers());

  it('that all flap, and then do not: all are up', async ({ serversThat, manager }) => {
    const servers = await serversThat('ff');
    const connections = connectAll(manager, servers, 20);
    await pass(5_000, 10);
    expect(ready(connections)).toBe(0);
    for (const server of servers) server.script = () => echo();
    await pass(20_000, 50);
    expect(ready(connections)).toBe(20);
  });

  it.for(['ff', 'fr', 'frf', 'rrf', 'rf'])(
    'none of which can be used are dialled gently: %s',
    async (dos, { serversThat, manager }) => {
      const servers = await serversThat(dos);
      const connections = connectAll(manager, servers, 20);
      await pass(5_000, 2);
      const dials = connections.reduce((sum, connection) => sum + connection.stats().dials, 0);
      expect(dials).toBeGreaterThan(4 * servers.length);
      expect(dials).toBeLessThanOrEqual(14 * servers.length);
    },
  );

  it.for(['fe', 'fffe', 'fre', 'rfe'])(
    'of which only the last can be used: all are up soon, and nobody waits at the others: %s',
    async (dos, { serversThat, manager }) => {
      const connections = connectAll(manager, await serversThat(dos), 20);
      await pass(500, 5);
      expect(ready(connections)).toBe(20);
      const dials = connections.reduce((sum, connection) => sum + connection.stats().dials, 0);
      expect(dials).toBeLessThanOrEqual(20 + 3 * (dos.length - 1));
    },
  );

  it('of which one flaps and the other comes back are left for that one', async ({ servers, manager }) => {
    const [back, flapping] = servers;
    await back.refuse();
    flapping.script = () => end();
    const connections = connectAll(manager, servers, 20);
    await pass(3_000, 10);
    await back.listen();
    // Two turns at the one that flaps, at most: it takes one to look again at the other.
    await pass(5_000, 50);
    expect(ready(connections)).toBe(20);
    expect(new Set(connections.map(({ endpoint }) => 'port' in endpoint && endpoint.port))).toEqual(
      new Set([back.port]),
    );
  });

  it.for([0, 1] as const)(
    'that are all down: all come back with number %i',
    async (which, { servers, manager }) => {
      await Promise.all(servers.map((server) => server.refuse()));
      const connections = connectAll(manager, servers, 20);
      await pass(3_000, 10);
      const dials = connections.reduce((sum, connection) => sum + connection.stats().dials, 0);
      expect(dials).toBeGreaterThan(4);
      expect(dials).toBeLessThanOrEqual(40);
      await servers[which].listen();
      await pass(3_000, 10);
      expect(ready(connections)).toBe(20);
    },
  );
});
