import { describe, expect } from 'vitest';
import {
  constant,
  Requests,
  type Connection,
  type ConnectionManager,
  type ConnectionOptions,
  type Endpoint,
} from '../../src/index.js';
import { startBlackHole, startFaultServer, type FaultServer } from '../../src/testing/index.js';
import { call } from '../support/call.js';
import { it as plainIt, nextTurn, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const it = plainIt.extend<{ servers: readonly [FaultServer, FaultServer, FaultServer] }>({
  // oxlint-disable-next-line no-empty-pattern
  servers: async ({}, use) => {
    const servers = await Promise.all([startFaultServer(), startFaultServer(), startFaultServer()] as const);
    await use(servers);
    await Promise.all(servers.map((server) => server.close()));
  },
});

const fast = { backoff: constant(0), stableAfter: 0 };

function endpointOf({ host, port }: FaultServer): Endpoint {
  return { host, port };
}

async function connected(
  manager: ConnectionManager,
  servers: readonly FaultServer[],
  options: ConnectionOptions = {},
): Promise<Connection<Recorder>> {
  const connection = manager.connect(servers.map(endpointOf), new Recorder(), { ...fast, ...options });
  await connection.ready();
  return connection;
}

/** The next life is ready. */
async function lifeAfter(connection: Connection, life: number): Promise<void> {
  await until(() => connection.life > life && connection.state === 'ready');
}

describe('setEndpoints()', () => {
  it('retires the life with an endpoint that is replaced, and goes on at the new one', async ({
    manager,
    servers: [first, second],
  }) => {
    const connection = manager.connect(endpointOf(first), new Recorder(), fast);
    const socket = await connection.ready();
    connection.setEndpoints(endpointOf(second));
    expect([connection.endpoint, connection.stats().endpoint]).toEqual([
      endpointOf(first),
      endpointOf(first),
    ]);
    await lifeAfter(connection, 1);
    const { handler } = connection;
    expect(handler.resets).toMatchObject([{ code: 'retired', endpoint: endpointOf(first) }]);
    expect(connection.endpoint).toEqual(endpointOf(second));
    expect(connection.socket).toBe(socket);
    connection.reset();
    await lifeAfter(connection, 2);
    expect([first.accepted, second.accepted, handler.failures.length]).toEqual([1, 2, 0]);
  });

  it('keeps the life whose endpoint stays, wherever it is in the list', async ({
    manager,
    servers: [first, second, third],
  }) => {
    const connection = await connected(manager, [first, second]);
    connection.setEndpoints([third, second, first].map(endpointOf));
    connection.setEndpoints([second, first].map(endpointOf));
    await nextTurn();
    expect([connection.life, connection.stats().retiring]).toEqual([1, false]);
    first.dropAll('reset');
    await lifeAfter(connection, 1);
    expect(connection.endpoint).toEqual(endpointOf(first));
    await first.refuse();
    first.dropAll('reset');
    await lifeAfter(connection, 2);
    expect(connection.endpoint).toEqual(endpointOf(second));
  });

  it('loses no request that is under way', async ({ manager, servers }) => {
    const requests = new Requests<string>();
    const connection = await connected(manager, servers.slice(0, 1));
    connection.handler.onData = (chunk) => {
      for (let at = 0; at < chunk.length; at += 1) requests.resolve('ok');
    };
    requests.attach(connection);
    const all: Promise<string>[] = [];
    for (let round = 0; round < 10; round += 1) {
      all.push(requests.send('1'), requests.send('2'));
      connection.setEndpoints(endpointOf(servers[(round + 1) % 3] as FaultServer));
      all.push(requests.send('3'));
      // Round by round.
      // oxlint-disable-next-line no-await-in-loop
      await lifeAfter(connection, round + 1);
    }
    expect(await Promise.all(all)).toHaveLength(30);
    expect([requests.lost, connection.stats().resets.retired]).toEqual([0, 10]);
    expect(servers.map(({ accepted }) => accepted)).toEqual([4, 4, 3]);
  });

  it('gives a dial up that goes elsewhere, which is no failure in a row', async ({
    manager,
    servers: [first],
  }) => {
    let isAsked = false;
    const handler = new Recorder();
    const connection = manager.connect({ host: 'never.test', port: 1 }, handler, {
      ...fast,
      maxAttempts: 1,
      lookup: () => {
        isAsked = true;
      },
    });
    await until(() => isAsked);
    connection.setEndpoints(endpointOf(first));
    await connection.ready();
    expect(connection.stats()).toMatchObject({
      dials: 2,
      failedDials: 1,
      life: 1,
      endpoint: endpointOf(first),
    });
    expect([handler.failures, handler.closings]).toEqual([[], []]);
  });

  it('goes to the new endpoint at once while it waits, and in a handshake', async ({
    manager,
    servers: [first, second, third],
  }) => {
    await third.refuse();
    const handler = new Recorder();
    const connection = manager.connect(endpointOf(third), handler, { backoff: constant(60_000) });
    await until(() => connection.stats().failedDials === 1);
    connection.setEndpoints([endpointOf(first)]);
    await connection.ready();
    let isShaking = false;
    handler.onReconnect = () => {
      isShaking = true;
      return new Promise(() => undefined);
    };
    connection.reset();
    await handler.until('reset');
    connection.reconnectNow();
    await until(() => isShaking);
    Object.assign(handler, { onReconnect: () => undefined });
    connection.setEndpoints([endpointOf(second)]);
    await connection.ready();
    expect(connection.endpoint).toEqual(endpointOf(second));
  });

  it('may be called by a backoff, in the middle of a failure or a loss', async ({
    manager,
    servers: [first, second, third],
  }) => {
    await third.refuse();
    const targets = [endpointOf(first), endpointOf(second)];
    const own: { connection?: Connection } = {};
    const backoff = {
      delay: 0,
      next() {
        const target = targets.shift();
        if (target) own.connection?.setEndpoints(target);
        return backoff;
      },
    };
    const connection = manager.connect(endpointOf(third), new Recorder(), { backoff, stableAfter: 0 });
    own.connection = connection;
    await connection.ready();
    expect(connection.endpoint).toEqual(endpointOf(first));
    first.dropAll('reset');
    await lifeAfter(connection, 1);
    expect(connection.endpoint).toEqual(endpointOf(second));
  });

  it('tells the gates: nothing of the endpoints that were left remains', async ({ manager, servers }) => {
    const connection = await connected(manager, servers);
    for (let life = 1; life <= 6; life += 1) {
      connection.setEndpoints(endpointOf(servers[life % 3] as FaultServer));
      connection.setEndpoints([0, 0, life + 1, life].map((at) => endpointOf(servers[at % 3] as FaultServer)));
      connection.setEndpoints(endpointOf(servers[life % 3] as FaultServer));
      // oxlint-disable-next-line no-await-in-loop
      await lifeAfter(connection, life);
    }
    expect(connection.stats().gate).toMatchObject({ state: 'up', dialling: 0, waiting: 0 });
    await connection.disconnect();
    connection.setEndpoints(servers.map(endpointOf));
    expect(connection.state).toBe('closed');
  });

  it('refuses wrong endpoints', async ({ manager, servers }) => {
    const connection = await connected(manager, servers);
    const list = Array.from({ length: 1_001 }, () => endpointOf(servers[0]));
    for (const wrong of [undefined, [], list, 'host:1', [{ host: 'a' }], { host: 'a', port: 0 }, [null]]) {
      expect(() => call(connection, 'setEndpoints', wrong)).toThrow('endpoints');
    }
    expect(connection.life).toBe(1);
  });
});

describe('planned ends', () => {
  it('begin again with the first endpoint, and all others stay', async ({ manager, servers }) => {
    const [first, second] = servers;
    await first.refuse();
    const connection = await connected(manager, servers);
    expect(connection.endpoint).toEqual(endpointOf(second));
    await first.listen();
    connection.socket.destroy();
    await lifeAfter(connection, 1);
    const planned = [
      () => void connection.retire(),
      () => void connection.retire(new Error('GOAWAY')),
      () => void connection.retire(new Error('GOAWAY')),
    ];
    const seen: number[] = [servers.findIndex(({ port }) => port === connection.endpoint.port)];
    for (const end of planned) {
      const { life } = connection;
      end();
      // oxlint-disable-next-line no-await-in-loop
      await lifeAfter(connection, life);
      seen.push(servers.findIndex(({ port }) => port === connection.endpoint.port));
    }
    expect(seen).toEqual([1, 0, 1, 0]);
  });

  it('are those of maxAge as well: back at the first endpoint, nothing lost', async ({
    manager,
    servers,
  }) => {
    const [first, second] = servers;
    await first.refuse();
    const requests = new Requests<string>();
    const connection = await connected(manager, [first, second], { maxAge: 100 });
    connection.handler.onData = (chunk) => {
      for (let at = 0; at < chunk.length; at += 1) requests.resolve('ok');
    };
    requests.attach(connection);
    await first.listen();
    let answered = 0;
    while (connection.endpoint.port !== first.port || connection.state !== 'ready') {
      if (connection.state === 'ready' && !connection.stats().retiring) {
        void requests.send('1').then(
          () => (answered += 1),
          () => undefined,
        );
      }
      // oxlint-disable-next-line no-await-in-loop
      await nextTurn();
    }
    await requests.idle();
    expect(requests.lost).toBe(0);
    expect(answered).toBeGreaterThan(0);
    expect(connection.handler.resets).toMatchObject([{ code: 'max-age' }]);
  });

  it('cost connectTimeout where the first endpoint drops packets, unless it is put last', async ({
    manager,
    servers: [, second],
  }) => {
    await using hole = await startBlackHole();
    const others = [endpointOf(second)];
    const handler = new Recorder();
    const connection = manager.connect([{ host: hole.host, port: hole.port }, ...others], handler, {
      ...fast,
      connectTimeout: 100,
    });
    await connection.ready();
    const begun = performance.now();
    await connection.retire();
    await lifeAfter(connection, 1);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(95);
    const codes = handler.failures.map(({ error }) => error.rootCode);
    expect(codes).toEqual(['CONNMAN_TIMEOUT', 'CONNMAN_TIMEOUT']);
    handler.onRetry = ({ endpoint }) => connection.setEndpoints([...others, endpoint]);
    void connection.retire();
    await lifeAfter(connection, 2);
    expect(connection.stats().failedDials).toBe(3);
    for (let life = 3; life < 6; life += 1) {
      void connection.retire();
      // oxlint-disable-next-line no-await-in-loop
      await lifeAfter(connection, life);
    }
    expect([connection.endpoint, connection.stats().failedDials]).toEqual([endpointOf(second), 3]);
  });
});
