import { describe, expect, vi } from 'vitest';
import {
  ClosedError,
  constant,
  leastLeased,
  LifeEndedError,
  OptionError,
  QueueFullError,
  Requests,
  TimeoutError,
  twoChoices,
  type Connection,
  type ConnectionManager,
  type RequestOptions,
} from '../../src/index.js';
import { silent, type FaultServer } from '../../src/testing/index.js';
import { pass, withFakeTime } from '../support/fake-time.js';
import { nextTurn, until } from '../support/fixtures.js';
import { it } from '../support/channels.js';
import { unchecked } from '../support/call.js';
import { LineClient } from './line-client.js';

interface Opened {
  readonly requests: Requests<string>;
  readonly connection: Connection<LineClient>;
}

async function open(
  manager: ConnectionManager,
  server: FaultServer,
  options?: RequestOptions,
): Promise<Opened> {
  const client = new LineClient(options);
  const connection = manager.connect(server.port, server.host, client, { backoff: constant(0) });
  client.requests.attach(connection);
  await connection.ready();
  return { requests: client.requests, connection };
}

/** What a promise was rejected with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (answer) => {
      throw new Error(`expected a rejection, got ${String(answer)}`);
    },
    (error: unknown) => error,
  );
}

describe('requests in order', () => {
  it('get their answers in order', async ({ manager, server }) => {
    const { requests } = await open(manager, server);
    const answers = ['a', 'b', 'c'].map((text) => requests.send(`${text}\n`));
    expect(requests.pending).toBe(3);
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
    expect(requests.pending).toBe(0);
  });

  it('are rejected by an answer that is an error', async ({ manager, server }) => {
    server.script = () => silent();
    const { requests } = await open(manager, server);
    const failed = failure(requests.send('a\n'));
    expect(requests.reject(new RangeError('no such line'))).toBe(true);
    expect(await failed).toEqual(new RangeError('no such line'));
    expect(requests.reject(new RangeError('nobody asked'))).toBe(false);
    expect(requests.late).toBe(1);
  });

  it('that time out or are aborted keep their place, and their answers are dropped', async ({
    manager,
    server,
  }) => {
    server.script = () => silent();
    const { requests } = await open(manager, server, { limit: 4 });
    const controller = new AbortController();
    const aborted = failure(requests.send('a\n', { signal: controller.signal }));
    const late = failure(requests.send('b\n', { timeout: 5 }));
    const third = requests.send('c\n');
    controller.abort(new RangeError('enough'));
    expect(await aborted).toEqual(new RangeError('enough'));
    expect(await late).toMatchObject({ name: 'TimeoutError', timeout: 5, endpoint: { port: server.port } });
    expect(requests).toMatchObject({ pending: 3, timedOut: 1, late: 0 });
    const fourth = requests.send('d\n');
    expect(await failure(requests.send('e\n'))).toBeInstanceOf(QueueFullError);
    (await server.accept(1)).write('a\nb\nc\nd\n');
    expect(await Promise.all([third, fourth])).toEqual(['c', 'd']);
    expect(requests).toMatchObject({ pending: 0, timedOut: 1, late: 2, lost: 0 });
  });

  it('end the life when the oldest has had no answer for `stall`', async ({ manager, server }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      const { requests, connection } = await open(manager, server, { timeout: 1_000 });
      const first = failure(requests.send('a\n'));
      await pass(1_500);
      expect(await first).toBeInstanceOf(TimeoutError);
      const second = failure(requests.send('b\n', { timeout: 60_000 }));
      await pass(1_000);
      expect(connection.life).toBe(1);
      await pass(1_000);
      expect(await second).toBeInstanceOf(LifeEndedError);
      expect(connection.stats().lastReset).toMatchObject({
        code: 'requested',
        life: 1,
        error: { name: 'TimeoutError', timeout: 3_000 },
      });
      expect(connection.stats().requests).toEqual({ pending: 0, lost: 1, timedOut: 1, late: 0 });
      await connection.disconnect();
    });
  });

  it('with a long timeout of their own have that time, whatever `stall` is', async ({ manager, server }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      const { requests, connection } = await open(manager, server, { timeout: 100, stall: 200 });
      const blocking = requests.send('a\n', { timeout: 10_000 });
      const behind = failure(requests.send('b\n'));
      await pass(9_000, 500);
      expect(await behind).toBeInstanceOf(TimeoutError);
      const peer = await server.accept(1);
      peer.write('a\n');
      expect(await blocking).toBe('a');
      // Now the one behind it is the oldest. It was overdue already, but the peer has just answered.
      await pass(100);
      expect(connection.life).toBe(1);
      await pass(200);
      expect(connection.stats().lastReset).toMatchObject({ code: 'requested' });
      await connection.disconnect();
    });
  });

  it('have as much more time as the event loop was blocked, and a poll', async ({ manager, server }) => {
    const { requests } = await open(manager, server, { timeout: 300 });
    const answer = requests.send('a\n');
    const until300 = performance.now() + 350;
    while (performance.now() < until300);
    expect(await answer).toBe('a');
  });
});

describe('requests by key', () => {
  it('get their answers in any order', async ({ manager, server }) => {
    server.script = () => silent();
    const { requests } = await open(manager, server);
    const answers = ['1', '2', '3'].map((key) => requests.send(`${key}\n`, { key }));
    (await server.accept(1)).write('3:c\n1:a\n2:b\n');
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
  });

  it('leave no place behind: late and unknown answers are counted, and the life goes on', async ({
    manager,
    server,
  }) => {
    server.script = () => silent();
    await withFakeTime(async () => {
      const { requests, connection } = await open(manager, server, { timeout: 50 });
      const controller = new AbortController();
      const failed = [
        failure(requests.send('1\n', { key: '1' })),
        failure(requests.send('2\n', { key: '2', signal: controller.signal })),
      ];
      controller.abort();
      await pass(500);
      expect(await Promise.all(failed)).toMatchObject([{ name: 'TimeoutError' }, { name: 'AbortError' }]);
      expect(requests.pending).toBe(0);
      expect([requests.resolve('a', '1'), requests.resolve('x', 'unknown')]).toEqual([false, false]);
      expect(requests.reject(new Error('b'), '2')).toBe(false);
      expect(requests.late).toBe(3);
      const again = requests.send('1\n', { key: '1' });
      requests.resolve('now', '1');
      expect(await again).toBe('now');
      expect(connection.life).toBe(1);
      await connection.disconnect();
    });
  });

  it('may have any key but none', async ({ manager, server }) => {
    server.script = () => silent();
    const { requests } = await open(manager, server);
    const keys: readonly unknown[] = [0, NaN, '', null, false, {}, Symbol('key')];
    const answers = keys.map((key) => requests.send('x\n', { key }));
    for (const key of keys.toReversed()) expect(requests.resolve(typeof key, key)).toBe(true);
    expect(await Promise.all(answers)).toEqual(keys.map((key) => typeof key));
  });
});

describe('send() sends nothing and rejects at once', () => {
  it('before attach(), while the link is down, and when its life is ending', async ({ manager, server }) => {
    server.script = () => silent();
    expect(await failure(new Requests().send('a\n'))).toBeInstanceOf(ClosedError);
    const { requests, connection } = await open(manager, server);
    connection.socket.end();
    expect(await failure(requests.send('a\n'))).toBeInstanceOf(ClosedError);
    await server.refuse();
    server.dropAll('reset');
    await until(() => connection.stats().lastDialError !== undefined);
    const refused = await failure(requests.send('a\n'));
    expect(refused).toMatchObject({ name: 'ClosedError', endpoint: { port: server.port } });
    expect((refused as Error).message).toMatch(/nothing was sent: .*ECONNREFUSED/);
    await connection.disconnect();
    expect(await failure(requests.send('a\n'))).toBeInstanceOf(ClosedError);
    expect(requests.pending).toBe(0);
    expect(server.connections.map((peer) => peer.received)).toEqual([0]);
  });

  it('once the peer has ended its side, although ours is open', async ({ manager, server }) => {
    const client = new LineClient();
    const connection = manager.connect(server.port, server.host, client, { allowHalfOpen: true });
    client.requests.attach(connection);
    const socket = await connection.ready();
    let hasEnded = false;
    socket.once('end', () => (hasEnded = true));
    (await server.accept(1)).end();
    await until(() => hasEnded);
    expect(await failure(client.requests.send('a\n'))).toBeInstanceOf(ClosedError);
  });

  it('for a signal that is aborted, and when `limit` are pending', async ({ manager, server }) => {
    server.script = () => silent();
    const { requests } = await open(manager, server, { limit: 1 });
    const reason = new RangeError('enough');
    expect(await failure(requests.send('a\n', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    void failure(requests.send('b\n'));
    expect(await failure(requests.send('c\n'))).toMatchObject({ code: 'CONNMAN_QUEUE_FULL' });
    await (await server.accept(1)).until('b\n');
    expect(server.connections[0]?.received).toBe(2);
  });

  it('for what is wrong, and says what', async ({ manager, server }) => {
    server.script = () => silent();
    const { requests } = await open(manager, server);
    void failure(requests.send('a\n', { key: 1 }));
    const wrong: readonly (readonly [option: string, promise: Promise<unknown>])[] = [
      ['chunk', requests.send(unchecked(5), { key: 2 })],
      ['chunk', requests.send(unchecked(undefined), { key: 2 })],
      ['key', requests.send('b\n', { key: 1 })],
      ['key', requests.send('b\n')],
      ['options', requests.send('b\n', unchecked(5))],
      ['options', requests.send('b\n', unchecked({ Key: 2 }))],
      ['options.timeout', requests.send('b\n', { key: 2, timeout: 0 })],
      ['options.signal', requests.send('b\n', { key: 2, signal: unchecked({}) })],
    ];
    for (const [option, promise] of wrong) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await failure(promise)).toMatchObject({ name: 'OptionError', option });
    }
    expect(requests.pending).toBe(1);
    expect(() => requests.resolve('x')).toThrow(OptionError);
    await (await server.accept(1)).until('a\n');
    expect(server.connections[0]?.received).toBe(2);
  });

  it('where write() throws: no place is taken', async ({ manager, server }) => {
    const { requests, connection } = await open(manager, server);
    const before = requests.send('a\n');
    const { write } = connection.socket;
    connection.socket.write = (): never => {
      throw new RangeError('not today');
    };
    expect(await failure(requests.send('b\n'))).toEqual(new RangeError('not today'));
    connection.socket.write = write;
    expect(await Promise.all([before, requests.send('c\n')])).toEqual(['a', 'c']);
  });
});

describe('new Requests() and attach()', () => {
  it('refuse what is wrong', async ({ manager, server }) => {
    const wrong = [{ timeout: 0 }, { limit: 0 }, { limit: 1.5 }, { stall: -1 }, { Timeout: 5 }, null, 5];
    for (const options of wrong) expect(() => new Requests(unchecked(options))).toThrow(OptionError);
    const { requests, connection } = await open(manager, server);
    const other = manager.connect(server.port, server.host, new LineClient());
    expect(() => requests.attach(unchecked<Connection>({}))).toThrow(
      /connection: expected a Connection, got/,
    );
    expect(() => requests.attach(other)).toThrow(`expected connection ${connection.id} again`);
    expect(() => new Requests().attach(connection)).toThrow('which has one');
    // onConnect may do so in each life.
    requests.attach(connection);
    expect(await requests.send('a\n')).toBe('a');
  });
});

describe('the end of a life', () => {
  it('rejects all that is pending, with its reset', async ({ manager, server, channels }) => {
    server.script = () => silent();
    const { requests, connection } = await open(manager, server, { timeout: 1_000 });
    const late = failure(requests.send('a\n', { timeout: 1 }));
    await late;
    const sent = [requests.send('b\n'), requests.send('c\n')].map(failure);
    const idle = requests.idle();
    const pendingThen: number[] = [];
    channels.on('connman:connection:reset', () => pendingThen.push(requests.pending));
    (await server.accept(1)).reset();
    const [error, other] = await Promise.all(sent);
    expect(error).toBeInstanceOf(LifeEndedError);
    expect(error).toMatchObject({ reset: { life: 1, code: 'error' }, cause: { code: 'ECONNRESET' } });
    expect((error as Error).message).toMatch(/outcome unknown: life 1 .*ECONNRESET/);
    expect(other).toBe(error);
    await idle;
    expect(pendingThen).toEqual([0]);
    expect(channels.of('connman:connection:requests-lost')).toEqual([
      { id: connection.id, pool: undefined, endpoint: server.endpoint, life: 1, lost: 2 },
    ]);
    const counts = { pending: 0, lost: 2, timedOut: 1, late: 0 };
    expect(requests).toMatchObject(counts);
    expect(connection.stats().requests).toEqual(counts);
    expect(requests.resolve('of the old life')).toBe(false);
  });

  it('tells nothing where nothing was pending', async ({ manager, server, channels }) => {
    const { connection } = await open(manager, server);
    const other = manager.connect(server.port, server.host, new LineClient());
    await other.ready();
    await Promise.all([connection.disconnect(), other.disconnect()]);
    expect(channels.of('connman:connection:requests-lost')).toEqual([]);
    expect(other.stats().requests).toBeUndefined();
  });

  it('by disconnect() rejects after the grace, in which answers still count', async ({ manager, server }) => {
    server.script = () => silent();
    const { requests, connection } = await open(manager, server);
    const [first, second] = [requests.send('a\n'), failure(requests.send('b\n'))];
    const peer = await server.accept(1);
    await peer.until('b\n');
    const closed = connection.disconnect();
    peer.write('a\n');
    expect(await first).toBe('a');
    peer.end();
    await closed;
    expect(await second).toMatchObject({ name: 'LifeEndedError', reset: { code: 'disconnect' } });
  });

  it('leaves no listener on a signal, and no timer', async ({ manager, server }) => {
    server.script = () => silent();
    const { requests, connection } = await open(manager, server);
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    const sent = Array.from({ length: 20 }, () => failure(requests.send('a\n', { signal })));
    await connection.disconnect({ grace: 0 });
    await Promise.all(sent);
    expect(removed).toHaveBeenCalledTimes(1);
  });

  it('is survived by whatever callers do then', async ({ manager, server }) => {
    let isSilent = true;
    server.script = () => (isSilent ? silent() : { ...silent(), answer: (chunk) => chunk });
    const { requests, connection } = await open(manager, server);
    const again = requests.send('a\n').catch(async () => {
      const refused = failure(requests.send('b\n'));
      await connection.ready();
      return [await refused, await requests.send('c\n')];
    });
    isSilent = false;
    (await server.accept(1)).reset();
    expect(await again).toEqual([expect.any(ClosedError), 'c']);
  });
});

describe('idle()', () => {
  it('resolves at once, or with the last answer, also of one that nobody waits for', async ({
    manager,
    server,
  }) => {
    server.script = () => silent();
    const { requests } = await open(manager, server);
    await requests.idle();
    const late = failure(requests.send('a\n', { timeout: 1 }));
    const answer = requests.send('b\n');
    const idle = requests.idle().then(() => requests.pending);
    let isIdle = false;
    void idle.then(() => (isIdle = true));
    await late;
    requests.resolve('a');
    await nextTurn();
    expect(isIdle).toBe(false);
    requests.resolve('b');
    expect(await Promise.all([idle, answer])).toEqual([0, 'b']);
  });
});

describe('a pool', () => {
  it('has requests of its own for each connection, which onConnect attaches in each life', async ({
    manager,
    server,
  }) => {
    const pool = manager.createPool('p', () => {
      const client = new LineClient();
      const attach = (_: unknown, connection: Connection): void => client.requests.attach(connection);
      return Object.assign(client, { onConnect: attach });
    });
    for (let count = 0; count < 2; count += 1) pool.addConnection(server.endpoint);
    await pool.ready();
    const ask = (text: string): Promise<string> => pool.pick().handler.requests.send(`${text}\n`);
    expect(await Promise.all(['a', 'b', 'c'].map(ask))).toEqual(['a', 'b', 'c']);
    server.dropAll('reset');
    await until(() => pool.readyCount === 0);
    await pool.ready();
    expect(await Promise.all(['d', 'e', 'f'].map(ask))).toEqual(['d', 'e', 'f']);
  });

  it.for([twoChoices(), leastLeased()])(
    'picks, by %o, the connection with the fewest pending requests',
    async (pick, { manager, server }) => {
      server.script = () => silent();
      const pool = manager.createPool('p', () => new LineClient(), { pick });
      for (let count = 0; count < 2; count += 1) pool.addConnection(server.endpoint);
      await pool.ready();
      for (const connection of pool) connection.handler.requests.attach(connection);
      const [one, two] = [...pool] as [Connection<LineClient>, Connection<LineClient>];
      const lost = [1, 2, 3].map(() => failure(one.handler.requests.send('x\n')));
      for (let count = 0; count < 3; count += 1) {
        expect(pool.pick()).toBe(two);
        lost.push(failure(two.handler.requests.send('x\n')));
      }
      const picked = new Set<unknown>();
      await until(() => picked.add(pool.pick()).size === 2);
      lost.push(failure(one.handler.requests.send('x\n')));
      expect(pool.pick()).toBe(two);
      two.reset();
      await until(() => two.handler.requests.pending === 0 && two.state === 'ready');
      expect([pool.pick(), pool.pick()]).toEqual([two, two]);
      await pool.disconnect({ grace: 0 });
      await Promise.allSettled(lost);
    },
  );

  it('picks the endpoint with the fewest, by leastLeased()', async ({ manager, server }) => {
    server.script = () => silent();
    const pool = manager.createPool('p', () => new LineClient(), { pick: leastLeased() });
    const endpoints = [
      { host: '127.0.0.1', port: server.port },
      { host: 'localhost', port: server.port },
    ];
    for (const endpoint of endpoints) for (let n = 0; n < 2; n += 1) pool.addConnection(endpoint);
    await pool.ready();
    const lost: Promise<unknown>[] = [];
    for (const connection of pool) connection.handler.requests.attach(connection);
    for (let count = 0; count < 40; count += 1) lost.push(failure(pool.pick().handler.requests.send('x\n')));
    expect([...pool].map(({ handler }) => handler.requests.pending)).toEqual([10, 10, 10, 10]);
    // A life that ends takes its requests with it.
    const [first] = [...pool] as [Connection<LineClient>];
    first.reset();
    await until(() => first.handler.requests.pending === 0 && first.state === 'ready');
    for (let count = 0; count < 9; count += 1) {
      expect(pool.pick()).toBe(first);
      lost.push(failure(first.handler.requests.send('x\n')));
    }
    await pool.disconnect({ grace: 0 });
    await Promise.allSettled(lost);
  });
});
