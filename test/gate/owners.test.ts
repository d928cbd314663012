import { BlockList, type LookupFunction } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, vi } from 'vitest';
import type {
  Connection,
  ConnectionManager,
  ConnectionOptions,
  ManagedSocket,
  Pool,
} from '../../src/index.js';
import { end, endAt, startFaultServer, type FaultServer } from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { pass, passUntil, useFakeTime } from '../support/fake-time.js';
import { it, until } from '../support/fixtures.js';
import { Login, restart } from '../support/login.js';
import { Recorder } from '../support/recorder.js';

function logIn(
  manager: ConnectionManager,
  { port, host }: FaultServer,
  password: string,
  options: ConnectionOptions = {},
): Connection<Login> {
  return manager.connect(port, host, new Login(password), options);
}

function poolOf(
  manager: ConnectionManager,
  { port, host }: FaultServer,
  password: string,
  count: number,
): Pool<Login> {
  const pool = manager.createPool(password, () => new Login(password));
  for (let added = 0; added < count; added += 1) pool.addConnection(port, host);
  return pool;
}

function loginsOf(connections: Iterable<Connection<Login>>): number {
  return Array.from(connections, ({ handler }) => handler.logins).reduce((sum, logins) => sum + logins, 0);
}

/** How long until it is ready, in milliseconds. */
async function readyIn(connection: Connection): Promise<number> {
  const start = performance.now();
  await passUntil(connection.ready());
  return performance.now() - start;
}

describe('others whose login is refused', () => {
  beforeEach(useFakeTime);
  afterEach(() => void vi.useRealTimers());

  it.for([0, 1, 3, 100])('(%i of them) are not noticed by a connection', async (bad, { server, manager }) => {
    const others = Array.from({ length: bad }, () => logIn(manager, server, 'wrong'));
    const early = logIn(manager, server, 'right');
    expect(await readyIn(early), 'that begins together with them').toBeLessThanOrEqual(100);
    await pass(2_000, 10);
    expect(loginsOf(others), 'they go on').toBeGreaterThanOrEqual(2 * bad);
    const good = logIn(manager, server, 'right');
    expect(await readyIn(good), 'that comes later').toBeLessThanOrEqual(100);
    await pass(500, 10);
    server.dropAll('reset');
    await passUntil(Promise.all([early, good].map(({ handler }) => handler.until('reset'))));
    // The first step of the default backoff is at most 298 ms.
    const back = await Promise.all([readyIn(early), readyIn(good)]);
    expect(Math.max(...back)).toBeLessThanOrEqual(400);
  });

  it('in a pool are not noticed by another pool, and log in one at a time', async ({ server, manager }) => {
    const bad = poolOf(manager, server, 'wrong', 100);
    const [good] = poolOf(manager, server, 'right', 1) as Iterable<Connection<Login>> as [Connection<Login>];
    expect(await readyIn(good)).toBeLessThanOrEqual(100);
    await pass(10_000, 20);
    // Waits of 290 ms and more, but for the first one.
    expect(loginsOf(bad)).toBeGreaterThan(3);
    expect(loginsOf(bad)).toBeLessThanOrEqual(20);
    await restart(server);
    await passUntil(good.handler.until('reset'));
    expect(await readyIn(good)).toBeLessThanOrEqual(1_000);
  });

  it('wait by a backoff of their own that grows, and come in when they may', async ({ server, manager }) => {
    const pool = manager.createPool('p', () => new Login('wrong'), {
      backoff: { initial: 100, max: 400, random: () => 0.5 },
    });
    for (let added = 0; added < 10; added += 1) pool.addConnection(server.port, server.host);
    await pass(20, 5);
    expect(loginsOf(pool), 'the first one goes alone').toBe(1);
    await pass(4_000, 20);
    expect(loginsOf(pool)).toBeGreaterThanOrEqual(4_000 / 400);
    expect(loginsOf(pool)).toBeLessThanOrEqual(4_000 / (400 * 0.65) + 5);
    const others = [...pool].map(({ handler }) => handler.logins);
    expect(Math.max(...others) - Math.min(...others), 'they take turns').toBeLessThanOrEqual(1);
  });
});

describe('the others of a pool', () => {
  it('dial as soon as the handshake of the first is done, and not before', async ({ server, manager }) => {
    const done: (() => void)[] = [];
    const factory = (): Recorder => {
      const handler = new Recorder();
      const inherited = handler.onConnect.bind(handler);
      handler.onConnect = (socket) => {
        void inherited(socket);
        return new Promise((resolve) => done.push(resolve));
      };
      return handler;
    };
    const pool = manager.createPool('p', factory);
    for (let added = 0; added < 12; added += 1) pool.addConnection(server.port, server.host);
    const other = manager.connect(server.port, server.host, new Recorder());
    await other.ready();
    await server.accept(2);
    expect(done.length).toBe(1);
    done.pop()?.();
    await until(() => done.length === 11);
    for (const resolve of done) resolve();
    await pool.ready();
  });

  it('wait for the next when the first is disconnected in its handshake', async ({ server, manager }) => {
    const never = (): Promise<void> => new Promise(() => {});
    const handlers: Recorder[] = [];
    const pool = manager.createPool('p', () => {
      const handler = new Recorder();
      if (handlers.push(handler) === 1) handler.onConnect = never;
      return handler;
    });
    for (let added = 0; added < 3; added += 1) pool.addConnection(server.port, server.host);
    await server.accept(1);
    const [first] = pool;
    await until(() => first?.state === 'handshaking');
    await first?.disconnect();
    await pool.ready();
    expect(pool.readyCount).toBe(2);
  });
});

type SNICallback = NonNullable<TlsOptions['SNICallback']>;

describe('others whose links the server ends in the handshake, as their login is refused,', () => {
  beforeEach(useFakeTime);
  afterEach(() => void vi.useRealTimers());

  it.for([1, 3, 100])('(%i of them) keep nobody from its turn', async (bad, { server, manager }) => {
    server.script = () => endAt(6);
    const refused = {
      onConnect: (socket: ManagedSocket) => {
        socket.write('wrong password');
        return new Promise<void>(() => undefined);
      },
      onData: () => {},
    };
    for (let count = 0; count < bad; count += 1) manager.connect(server.port, server.host, refused);
    await pass(500, 10);
    const good = logIn(manager, server, 'right');
    expect(await readyIn(good)).toBeLessThanOrEqual(1_500);
    server.dropAll('reset');
    await passUntil(good.handler.until('reset'));
    expect(await readyIn(good), 'after an early loss').toBeLessThanOrEqual(3_000);
    await pass(6_000, 20);
    // They have failed beside one that is ready: that is their own failure now.
    server.dropAll('reset');
    await passUntil(good.handler.until('reset', 2));
    expect(await readyIn(good), 'after a stable life').toBeLessThanOrEqual(400);
  });
});

const nothingLocal = new BlockList();
nothingLocal.addSubnet('127.0.0.0', 8);
nothingLocal.addAddress('::1', 'ipv6');

const ill: readonly (readonly [string, ConnectionOptions])[] = [
  ['lack the authority of its certificate', { tls: {} }],
  ['ask for a name that the server does not have', { tls: { servername: 'c.test' } }],
  ['have a blockList', { blockList: nothingLocal }],
  ['have an impossible localAddress', { localAddress: '192.0.2.1' }],
  ['have a lookup that fails', { lookup: (_host, _options, answer) => answer(new Error('no idea'), []) }],
  [
    'have a lookup that throws',
    {
      lookup: () => {
        throw new Error('no idea');
      },
    },
  ],
  ['have a lookup that never answers', { lookup: () => {} }],
  [
    'have a lookup that leads elsewhere',
    {
      lookup: ((_host, _options, answer) =>
        answer(null, [{ address: '127.9.9.9', family: 4 }])) as LookupFunction,
    },
  ],
];

/** A server that drops the link in the TLS handshake when it is asked for that name. */
function dropsName(dropped: string): SNICallback {
  return (name, answer) => answer(name === dropped ? new Error('no such name') : null);
}

describe('a connection that gives up after 3 dials is not closed for the failures of others', () => {
  it.for(ill)('which %s', async ([, options], { manager }) => {
    const { ca, localhost } = await certificates();
    const isTls = 'tls' in options;
    const names = { SNICallback: dropsName('c.test') };
    await using server = await startFaultServer(isTls ? { tls: { ...localhost, ...names } } : {});
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'localhost', handler, {
      maxAttempts: 3,
      ...(isTls && { tls: { ca } }),
    });
    await connection.ready();
    const others = Array.from({ length: 5 }, () =>
      manager.connect(server.port, 'localhost', new Recorder(), {
        ...options,
        backoff: { initial: 10, max: 20 },
      }),
    );
    await until(() => others.some((other) => other.stats().dials > 0));
    await restart(server);
    await handler.until('reconnect');
    const { failedDials, lastDialError } = connection.stats();
    expect(handler.closings).toEqual([]);
    expect(handler.failures.length).toBe(failedDials);
    if (lastDialError) expect(lastDialError.cause).toMatchObject({ code: 'ECONNREFUSED' });
    await manager.disconnectAll({ grace: 0 });
  });
});

describe('connections whose server is restarted soon after its start', () => {
  beforeEach(useFakeTime);
  afterEach(() => void vi.useRealTimers());

  it.for([20, 100, 250, 499])('(%i ms) are all back within 0.4 s', async (uptime, { server, manager }) => {
    const connections = [0, 1].map(() => manager.connect(server.port, server.host, new Recorder()));
    await passUntil(Promise.all(connections.map((connection) => connection.ready())));
    await pass(uptime, 5);
    await restart(server);
    await passUntil(Promise.all(connections.map(({ handler }) => handler.until('reset'))));
    const back = await Promise.all(connections.map(readyIn));
    expect(Math.max(...back)).toBeLessThanOrEqual(400);
  });
});

describe('a pool that ends its lives early itself', () => {
  beforeEach(useFakeTime);
  afterEach(() => void vi.useRealTimers());

  it('dials as seldom as if the server had ended them, and others do not notice', async ({
    server,
    manager,
  }) => {
    const pool = manager.createPool('p', () => ({
      onConnect: (socket) => void setImmediate(() => socket.destroy()),
      onReset: () => {},
      onReconnect: (socket) => void setImmediate(() => socket.destroy()),
    }));
    for (let added = 0; added < 50; added += 1) pool.addConnection(server.port, server.host);
    await pass(5_000, 5);
    expect(pool.stats().dials).toBeGreaterThan(3);
    expect(pool.stats().dials).toBeLessThanOrEqual(10);
    const other = manager.connect(server.port, server.host, new Recorder());
    expect(await readyIn(other)).toBeLessThanOrEqual(100);
  });

  it('is one owner, and the endpoint flaps for all when the server ends them', async ({
    server,
    manager,
  }) => {
    server.script = () => end();
    const connections = Array.from({ length: 20 }, () =>
      manager.connect(server.port, server.host, new Recorder()),
    );
    await pass(5_000, 5);
    expect(server.accepted).toBeLessThanOrEqual(10);
    expect(connections[0]?.stats().gate.state).toBe('probing');
  });
});
