import { describe, expect } from 'vitest';
import {
  constant,
  OptionError,
  Requests,
  type Connection,
  type ConnectionManager,
  type ConnectionOptions,
} from '../../../src/index.js';
import { echo, halfOpen, silent, type FaultServer } from '../../../src/testing/index.js';
import { it } from '../../support/channels.js';
import { pass, passUntil, withFakeTime } from '../../support/fake-time.js';
import { nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

/** Says when nothing is under way, if a test lets it. */
class Retiring extends Recorder {
  readonly told: unknown[][] = [];
  finish: () => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  #isBusy: boolean;

  constructor(isBusy = true) {
    super();
    this.#isBusy = isBusy;
  }

  onRetire(...args: [reason: Error | undefined, connection: Connection]): void | Promise<void> {
    this.told.push([...args, this.count('reset')]);
    if (!this.#isBusy) return undefined;
    return new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
  }
}

const reason = new Error('GOAWAY');
const fast = { backoff: constant(0), stableAfter: 0 };

async function connected<H extends Recorder>(
  { manager, server }: { manager: ConnectionManager; server: FaultServer },
  handler: H,
  options: ConnectionOptions = {},
): Promise<Connection<H>> {
  const connection = manager.connect(server.port, server.host, handler, { ...fast, ...options });
  await connection.ready();
  return connection;
}

describe('retire()', () => {
  it('ends the life at once where nothing can be under way, and dials again', async ({ manager, server }) => {
    const handler = new Recorder();
    const connection = await connected({ manager, server }, handler);
    const { socket } = connection;
    socket.write('sent');
    await connection.retire(reason);
    expect(handler.resets).toMatchObject([{ code: 'retired', error: reason, unsentBytes: 0, life: 1 }]);
    expect((await server.accept(1)).receivedBytes().toString()).toBe('sent');
    expect(await connection.ready()).toBe(socket);
    expect(connection.life).toBe(2);
    expect(connection.stats().resets).toMatchObject({ retired: 1 });
  });

  it('calls onRetire, and ends the life when its promise resolves', async ({ manager, server, channels }) => {
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler);
    const retired = connection.retire(reason);
    expect(connection.stats()).toMatchObject({ state: 'ready', retiring: true });
    await nextTurn();
    expect(handler.told).toEqual([[reason, connection, 0]]);
    expect(connection.socket.write('still passes')).toBe(true);
    await until(() => handler.input[0] === 'still passes');
    let isReady = false;
    const ready = connection.ready().then(() => (isReady = true));
    expect(connection.retire(new Error('another'))).toBe(retired);
    await nextTurn();
    expect([isReady, handler.events]).toEqual([false, ['connect', 'data']]);
    handler.finish();
    await Promise.all([retired, ready]);
    expect(handler.resets).toMatchObject([{ code: 'retired', error: reason }]);
    expect(connection.stats()).toMatchObject({ state: 'ready', retiring: false, life: 2, refusedWrites: 0 });
    expect(handler.told).toHaveLength(1);
    expect(channels.of('connman:connection:retire')).toEqual([
      {
        id: connection.id,
        pool: undefined,
        endpoint: connection.endpoint,
        life: 1,
        code: 'retired',
        error: reason,
      },
    ]);
  });

  it('waits for the answers to Requests, and for those that follow from them', async ({
    manager,
    server,
  }) => {
    const requests = new Requests<string>();
    server.script = () => [silent()];
    const handler = new Recorder();
    handler.onData = (chunk) => {
      for (const answer of String(chunk)) requests.resolve(answer);
    };
    const connection = await connected({ manager, server }, handler);
    requests.attach(connection);
    const peer = await server.accept(1);
    const answers = requests.send('1').then(async (first) => [first, await requests.send('2')]);
    const retired = connection.retire();
    await until(() => peer.received === 1);
    peer.write('a');
    await until(() => peer.received === 2);
    expect(connection.life).toBe(1);
    peer.write('b');
    expect(await answers).toEqual(['a', 'b']);
    await retired;
    expect([requests.lost, handler.resets[0]?.code]).toEqual([0, 'retired']);
  });

  it('reports an onRetire that throws or rejects, and goes on', async ({ manager, server }) => {
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler);
    let retired = connection.retire();
    await nextTurn();
    handler.fail(reason);
    await retired;
    expect(handler.errors).toEqual([{ error: reason, where: 'onRetire' }]);
    handler.onRetire = () => {
      throw reason;
    };
    await connection.ready();
    retired = connection.retire();
    await retired;
    expect(handler.errors).toHaveLength(2);
    expect(handler.resets.map(({ code }) => code)).toEqual(['retired', 'retired']);
  });

  it('is bounded: ten seconds without a pool', async ({ manager, server }) => {
    await withFakeTime(async () => {
      const handler = new Retiring();
      const connection = manager.connect(server.port, server.host, handler, fast);
      await passUntil(connection.ready());
      const retired = connection.retire();
      await pass(9_900, 100);
      expect(handler.resets).toEqual([]);
      await pass(200, 20);
      await passUntil(retired);
      expect(handler.resets).toMatchObject([{ code: 'retired' }]);
      handler.fail(new Error('too late'));
      await passUntil(connection.disconnect());
    });
  });

  it('is an ordinary loss, with its own code, when the life is lost meanwhile', async ({
    manager,
    server,
  }) => {
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler);
    const retired = connection.retire(reason);
    (await server.accept(1)).reset();
    await retired;
    expect(handler.resets).toMatchObject([{ code: 'error', willReconnect: true }]);
    await connection.ready();
    expect(connection.stats().retiring).toBe(false);
    // What belongs to the last life has no effect on this one.
    handler.finish();
    await nextTurn();
    expect(connection.life).toBe(2);
  });

  it('is taken over by reset() and disconnect()', async ({ manager, server }) => {
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler);
    let retired = connection.retire(reason);
    connection.reset();
    await retired;
    await connection.ready();
    retired = connection.retire(reason);
    await nextTurn();
    await connection.disconnect();
    await retired;
    expect(handler.resets.map(({ code }) => code)).toEqual(['requested', 'disconnect']);
    expect(handler.told.map(([, , resets]) => resets)).toEqual([1]);
  });

  it('leaves a dead peer to the heartbeat', async ({ manager, server }) => {
    server.script = () => [silent()];
    const handler = new Retiring();
    const heartbeat = { interval: 20, ping: () => undefined };
    const connection = await connected({ manager, server }, handler, { heartbeat });
    await connection.retire();
    expect(handler.resets).toMatchObject([{ code: 'heartbeat' }]);
  });

  it('needs a life: in other states it resolves at once, or with that which ends', async ({
    manager,
    server,
  }) => {
    await server.refuse();
    const handler = new Retiring();
    const connection = manager.connect(server.port, server.host, handler, { backoff: constant(60_000) });
    await connection.retire();
    await handler.until('retry');
    expect(connection.state).toBe('waiting');
    await connection.retire();
    await server.listen();
    connection.reconnectNow();
    await connection.ready();
    const dialling = manager.connect(server.port, server.host, handler);
    expect(dialling.state).toBe('connecting');
    await dialling.retire();
    await dialling.ready();
    expect([connection.life, dialling.life, handler.told]).toEqual([1, 1, []]);
    const closed = connection.disconnect();
    expect(connection.state).toBe('closing');
    await connection.retire();
    expect(handler.count('reset')).toBe(1);
    await closed;
    await connection.retire();
    expect(handler.told).toEqual([]);
  });

  it('ends a handshake at once, and waits before the next', async ({ manager, server }) => {
    const handler = new Retiring();
    handler.onConnect = () => new Promise(() => {});
    const connection = manager.connect(server.port, server.host, handler, { backoff: constant(60_000) });
    await until(() => connection.state === 'handshaking');
    await connection.retire(reason);
    expect(handler.resets).toMatchObject([{ code: 'retired', error: reason, delay: 60_000 }]);
    expect(handler.told).toEqual([]);
  });

  it('says nothing of a life that is ending already', async ({ manager, server }) => {
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler);
    connection.socket.end();
    expect(connection.stats().retiring).toBe(false);
    await connection.retire();
    expect([handler.resets[0]?.code, handler.told]).toEqual(['local-end', []]);
  });

  it('leads on to the next endpoint with a reason, and not without', async ({ manager, server }) => {
    const connection = manager.connect(
      [server.endpoint, { host: '127.0.0.2', port: server.port }],
      new Recorder(),
      {
        ...fast,
        autoSelectFamily: false,
      },
    );
    await connection.ready();
    await connection.retire();
    expect(connection.endpoint).toEqual(server.endpoint);
    await connection.ready();
    await connection.retire(reason);
    expect(connection.endpoint).toMatchObject({ host: '127.0.0.2' });
  });

  it('refuses a reason that is no Error', async ({ manager, server }) => {
    const connection = await connected({ manager, server }, new Recorder());
    for (const wrong of ['GOAWAY', null, 5, {}]) {
      expect(() => void connection.retire(wrong as Error)).toThrow(OptionError);
    }
    expect(connection.stats().retiring).toBe(false);
  });
});

describe('disconnect({ drain })', () => {
  it('calls onRetire, closes when its promise resolves, and dials no more', async ({ manager, server }) => {
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler);
    const closed = connection.disconnect({ drain: 60_000, reason });
    await nextTurn();
    expect([connection.state, handler.told]).toEqual(['ready', [[reason, connection, 0]]]);
    handler.finish();
    await closed;
    expect(handler.events).toEqual(['connect', 'reset', 'close']);
    expect(handler.closings).toMatchObject([{ code: 'disconnect', error: reason }]);
  });

  it('takes all of the time where nobody says when nothing is under way', async ({ manager, server }) => {
    await withFakeTime(async () => {
      const handler = new Recorder();
      const connection = manager.connect(server.port, server.host, handler, fast);
      await passUntil(connection.ready());
      const closed = connection.disconnect({ drain: 1_000 });
      await pass(900);
      connection.socket.write('late');
      await until(() => handler.input[0] === 'late');
      await pass(200);
      await passUntil(closed);
      expect(handler.resets).toMatchObject([{ code: 'disconnect' }]);
    });
  });

  it('closes with the life when that is lost meanwhile', async ({ manager, server }) => {
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler);
    const closed = connection.disconnect({ drain: 60_000 });
    (await server.accept(1)).reset();
    await closed;
    expect(handler.resets).toMatchObject([{ code: 'error', willReconnect: false }]);
    expect(handler.events).toEqual(['connect', 'reset', 'close']);
  });

  it('closes at once when asked again without it, or outside a life', async ({ manager, server }) => {
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler);
    void connection.disconnect({ drain: 60_000 });
    await connection.disconnect();
    expect(handler.told).toEqual([]);
    const waiting = manager.connect(server.port, server.host, new Recorder());
    await waiting.disconnect({ drain: 60_000 });
    expect(waiting.state).toBe('closed');
  });

  it('turns a life that retires into the last one', async ({ manager, server }) => {
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler);
    const retired = connection.retire(reason);
    await nextTurn();
    const closed = connection.disconnect({ drain: 60_000 });
    handler.finish();
    await Promise.all([retired, closed]);
    expect([handler.told.length, handler.events]).toEqual([1, ['connect', 'reset', 'close']]);
  });

  it('has its grace after the time to drain', async ({ manager, server }) => {
    server.script = () => [halfOpen()];
    const handler = new Retiring(false);
    const connection = await connected({ manager, server }, handler);
    await connection.disconnect({ drain: 60_000, grace: 20 });
    expect(handler.events).toEqual(['connect', 'reset', 'close']);
  });

  it('is passed on by disconnectAll to those that say when nothing is under way', async ({
    manager,
    server,
  }) => {
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler);
    const plain = await connected({ manager, server }, new Recorder());
    const closed = manager.disconnectAll({ drain: 60_000 });
    await until(() => plain.state === 'closed');
    expect(connection.state).toBe('ready');
    handler.finish();
    await closed;
  });

  it('refuses wrong options', async ({ manager, server }) => {
    const connection = await connected({ manager, server }, new Recorder());
    for (const wrong of [{ drain: -1 }, { drain: '5' }, { drain: Infinity }, { drane: 5 }]) {
      expect(() => void connection.disconnect(wrong as { drain: number })).toThrow(OptionError);
    }
    expect(connection.state).toBe('ready');
  });
});

describe('maxAge', () => {
  it('waits for what is under way', async ({ manager, server }) => {
    server.script = () => [echo()];
    const handler = new Retiring();
    const connection = await connected({ manager, server }, handler, { maxAge: 60 });
    await until(() => handler.told.length === 1);
    expect([handler.told, connection.state]).toEqual([[[undefined, connection, 0]], 'ready']);
    handler.finish();
    await handler.until('reset');
    expect(handler.resets).toMatchObject([{ code: 'max-age' }]);
    expect(handler.resets[0]).not.toHaveProperty('error');
  });
});
