import type { LookupFunction } from 'node:net';
import { describe, expect } from 'vitest';
import { constant, exponential, type ConnectionManager, type Endpoint } from '../../src/index.js';
import {
  end,
  startFaultServer,
  startServerProcess,
  type FaultServer,
  type ServerProcess,
} from '../../src/testing/index.js';
import { it as plainIt, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';
import { repeat } from '../support/repeat.js';
import { perRing } from '../support/per-ring.js';

const it = plainIt.extend<{ servers: FaultServer[] }>({
  // oxlint-disable-next-line no-empty-pattern
  servers: async ({}, use) => {
    const servers = await Promise.all([startFaultServer(), startFaultServer(), startFaultServer()]);
    await use(servers);
    await Promise.all(servers.map((server) => server.close()));
  },
});

const timed = { timeout: 240_000 };
const kills = perRing({ short: 6, soak: 50 });

function endpointsOf(servers: readonly FaultServer[]): Endpoint[] {
  return servers.map(({ host, port }) => ({ host, port }));
}

/** Which of the servers each life was with, or each dial failed with. */
function visited(servers: readonly FaultServer[], events: readonly { endpoint: Endpoint }[]): number[] {
  return events.map(({ endpoint }) => servers.findIndex(({ port }) => port === endpoint.port));
}

function connectTo(
  manager: ConnectionManager,
  servers: readonly FaultServer[],
  options: Parameters<ConnectionManager['connect']>[2] = {},
): { handler: Recorder; connection: ReturnType<ConnectionManager['connect']> } {
  const handler = new Recorder();
  const connection = manager.connect(endpointsOf(servers), handler, { backoff: constant(0), ...options });
  return { handler, connection };
}

describe('several endpoints', () => {
  it('are dialled in order, and the one that works is kept', async ({ servers, manager }) => {
    const [first, second] = servers as [FaultServer, FaultServer];
    await first.refuse();
    const { handler, connection } = connectTo(manager, servers, { stableAfter: 0 });
    await handler.until('connect');
    expect(visited(servers, handler.failures)).toEqual([0]);
    expect(handler.failures[0]).toMatchObject({ delay: 0, phase: 'connect', attempts: 1 });
    expect(connection.endpoint).toEqual({ host: second.host, port: second.port });
    await first.listen();
    await repeat(5, async (round) => {
      second.dropAll('end');
      await handler.until('reconnect', round + 1);
    });
    expect(visited(servers, handler.resets)).toEqual([1, 1, 1, 1, 1]);
    expect(handler.failures).toHaveLength(1);
    expect(first.accepted).toBe(0);
    expect(new Set(handler.sockets).size, 'one socket for all of them').toBe(1);
  });

  it('are left at once when they fail, and the backoff waits when all have', async ({ servers, manager }) => {
    await Promise.all(servers.map((server) => server.refuse()));
    const backoff = exponential({ initial: 50, factor: 4, max: 1_000, random: () => 1 });
    const { handler } = connectTo(manager, servers, { backoff });
    await handler.until('retry', 9);
    expect(visited(servers, handler.failures)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    const delays = handler.failures.map(({ delay }) => delay);
    expect(delays.filter((_, index) => index % 3 < 2)).toEqual([0, 0, 0, 0, 0, 0]);
    const waits = delays.filter((_, index) => index % 3 === 2);
    expect(waits.every((wait, index) => wait > (waits[index - 1] ?? 0))).toBe(true);
  });

  it('are left when a life with them was short, or its handshake failed', async ({ servers, manager }) => {
    const [first] = servers as [FaultServer];
    first.script = () => end();
    const { handler, connection: other } = connectTo(manager, servers);
    await handler.until('reconnect');
    expect(visited(servers, handler.resets)).toEqual([0]);
    await other.disconnect();
    let isRight = false;
    class Picky extends Recorder {
      override onConnect(socket: Parameters<Recorder['onConnect']>[0]): Promise<void> {
        void super.onConnect(socket);
        return isRight ? Promise.resolve() : Promise.reject(new Error('read-only'));
      }
      override onReconnect(socket: Parameters<Recorder['onConnect']>[0]): Promise<void> {
        void super.onReconnect(socket);
        isRight = socket.remotePort === servers[2]?.port;
        return isRight ? Promise.resolve() : Promise.reject(new Error('read-only'));
      }
    }
    const picky = new Picky();
    const options = { backoff: constant(0), stableAfter: 0 };
    const connection = manager.connect(endpointsOf(servers), picky, options);
    await connection.ready();
    expect(visited(servers, picky.resets).at(-1)).toBe(1);
    expect(visited(servers, [connection])).toEqual([2]);
    connection.reset(new Error('not the leader any more'));
    await picky.until('reconnect', 3);
    expect(visited(servers, [connection])).toEqual([0]);
  });

  it('are kept when the program itself ended the life', async ({ servers, manager }) => {
    const { handler, connection } = connectTo(manager, servers);
    await handler.until('connect');
    connection.socket.end();
    await handler.until('reconnect');
    connection.socket.end();
    await handler.until('reconnect', 2);
    expect(visited(servers, [...handler.resets, connection])).toEqual([0, 0, 0]);
  });

  it('are changed when the program destroyed a short life, as a protocol over a dead socket does', async ({
    servers,
    manager,
  }) => {
    const { handler, connection } = connectTo(manager, servers);
    await handler.until('connect');
    connection.socket.destroy();
    await handler.until('reconnect');
    expect(visited(servers, [...handler.resets, connection])).toEqual([0, 1]);
  });

  it('are kept when the program destroyed a life that was stable', async ({ servers, manager }) => {
    const { handler, connection } = connectTo(manager, servers, { stableAfter: 0 });
    await handler.until('connect');
    connection.socket.destroy();
    await handler.until('reconnect');
    expect(visited(servers, [...handler.resets, connection])).toEqual([0, 0]);
  });

  it('give up together, after maxAttempts dials', async ({ servers, manager }) => {
    await Promise.all(servers.map((server) => server.refuse()));
    const { handler, connection } = connectTo(manager, servers, { maxAttempts: 5 });
    await handler.until('close');
    expect(connection.stats().dials).toBe(5);
    expect(visited(servers, [...handler.failures, ...handler.closings])).toEqual([0, 1, 2, 0, 1]);
    expect(handler.closings[0]?.error).toMatchObject({
      message: expect.stringContaining('5 in a row') as string,
    });
  });

  it('are looked up by name for every dial', async ({ servers, manager }) => {
    const asked: string[] = [];
    const lookup: LookupFunction = (name, _options, answer) => {
      asked.push(name);
      answer(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const [first, second] = servers as [FaultServer, FaultServer];
    const names = [
      { host: 'a.test', port: first.port },
      { host: 'b.test', port: second.port },
    ];
    const handler = new Recorder();
    manager.connect(names, handler, { lookup, backoff: constant(0), stableAfter: 0 });
    await handler.until('connect');
    await first.refuse();
    first.dropAll('reset');
    await handler.until('reconnect');
    expect(asked).toEqual(['a.test', 'a.test', 'b.test']);
    expect(handler.failures[0]?.endpoint).toEqual(names[0]);
    expect(handler.failures[0]?.error.message).toContain('a.test');
  });

  it('hold against a rolling kill: down for one failed dial, never more', async ({ servers, manager }) => {
    const { handler, connection } = connectTo(manager, servers, { stableAfter: 0 });
    await handler.until('connect');
    await repeat(20, async (round) => {
      const current = servers[visited(servers, [connection])[0] as number] as FaultServer;
      const failed = handler.failures.length;
      await current.refuse();
      current.dropAll('reset');
      await handler.until('reconnect', round + 1);
      expect(handler.failures.length - failed, 'failed dials in between').toBe(1);
      await current.listen();
    });
    expect(new Set(visited(servers, handler.resets)).size).toBe(3);
    expect(new Set(handler.sockets).size).toBe(1);
  });

  it(
    `hold against ${kills} rounds of kill -9: up again after one failed dial at the most`,
    timed,
    async ({ manager }) => {
      const servers = await Promise.all(Array.from({ length: 3 }, () => startServerProcess()));
      const endpoints = servers.map(({ host, port }) => ({ host, port }));
      const handler = new Recorder();
      const connection = manager.connect(endpoints, handler, { backoff: constant(0), stableAfter: 0 });
      await connection.ready();
      await repeat(kills, async (round) => {
        const current = servers.find(({ port }) => port === connection.endpoint.port) as ServerProcess;
        const failed = handler.failures.length;
        await current.kill();
        await until(() => connection.state !== 'ready' || connection.endpoint.port !== current.port);
        await until(() => connection.state === 'ready' && connection.endpoint.port !== current.port);
        expect(handler.failures.length - failed, `failed dials in round ${round}`).toBeLessThanOrEqual(1);
        connection.socket.write(`round ${round}`);
        await until(() => handler.input.at(-1) === `round ${round}`);
        await current.restart();
      });
      expect(new Set(handler.sockets).size).toBe(1);
      await manager.disconnectAll();
      await Promise.all(servers.map((server) => server.close()));
    },
  );
});
