import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import type { ConnectionManager, Endpoint } from '../../src/index.js';
import { end, echo, startFaultServer, type FaultServer } from '../../src/testing/index.js';
import { pass, useFakeTime } from '../support/fake-time.js';
import { it as plainIt } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const it = plainIt.extend<{ servers: [FaultServer, FaultServer] }>({
  // oxlint-disable-next-line no-empty-pattern
  servers: async ({}, use) => {
    const servers: [FaultServer, FaultServer] = [await startFaultServer(), await startFaultServer()];
    await use(servers);
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

function accepted(servers: readonly FaultServer[]): number {
  return servers.reduce((sum, server) => sum + server.accepted, 0);
}

describe('several endpoints, and a gate to each', () => {
  beforeEach(useFakeTime);
  afterEach(() => void vi.useRealTimers());

  it('that all flap are dialled as gently as one', async ({ servers, manager }) => {
    for (const server of servers) server.script = () => end();
    const connections = connectAll(manager, servers, 20);
    await pass(5_000, 10);
    const dials = accepted(servers);
    expect(dials).toBeGreaterThan(4);
    expect(dials).toBeLessThanOrEqual(2 * 14);
    for (const server of servers) server.script = () => echo();
    await pass(20_000, 50);
    expect(ready(connections)).toBe(20);
  });

  it('of which one flaps and the other comes back are left for that one', async ({ servers, manager }) => {
    const [back, flapping] = servers;
    await back.refuse();
    flapping.script = () => end();
    const connections = connectAll(manager, servers, 20);
    await pass(3_000, 10);
    await back.listen();
    // Who waits at the one that flaps moves on when its turn has come there: one in 2 s at most.
    await pass(60_000, 50);
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
