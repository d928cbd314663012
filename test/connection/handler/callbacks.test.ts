import { describe, expect } from 'vitest';
import {
  constant,
  type Connection,
  type Handler,
  type HandshakeError,
  type ManagedSocket,
} from '../../../src/index.js';
import { echo, stall } from '../../../src/testing/index.js';
import { call } from '../../support/call.js';
import { it, until } from '../../support/fixtures.js';
import { transports, withStage } from '../socket/transports.js';

const atOnce = { backoff: constant(0) };
const thrown = new Error('thrown');

/** Writes down how each method was called. */
class Called {
  readonly calls: [name: string, args: readonly unknown[], self: unknown][] = [];

  of(name: string): (readonly unknown[])[] {
    return this.calls.filter(([called]) => called === name).map(([, args]) => args);
  }

  handler(...names: readonly (keyof Handler)[]): Handler {
    const { calls } = this;
    const method = (name: string): [string, unknown] => [
      name,
      function (this: unknown, ...args: unknown[]) {
        calls.push([name, args, this]);
      },
    ];
    return Object.fromEntries(names.map(method)) as unknown as Handler;
  }
}

describe('the callbacks of a handler', () => {
  it('may return what is no promise, as a short function does', async ({ server, manager }) => {
    const handler = { onConnect: (socket: ManagedSocket) => socket.write('hello') };
    const heartbeat = { interval: 10_000, ping: (socket: ManagedSocket) => socket.write('ping') };
    await manager.connect(server.port, server.host, handler, { heartbeat }).ready();
    await (await server.accept(1)).until('hello');
  });

  it('get the connection as their last argument, but for onData', async ({ server, manager }) => {
    const called = new Called();
    const handler = called.handler(
      'onConnect',
      'onReconnect',
      'onReset',
      'onData',
      'onDrain',
      'onRetry',
      'onClose',
      'onError',
    );
    await server.refuse();
    const options = {
      ...atOnce,
      heartbeat: {
        interval: 5,
        timeout: 10_000,
        ping: (...args: unknown[]) => {
          called.calls.push(['ping', args, undefined]);
          throw thrown;
        },
      },
    };
    const connection = manager.connect(server.port, server.host, handler, options);
    expect(connection.socket.write('x')).toBe(false);
    await until(() => called.of('onRetry').length > 0);
    await server.listen();
    await until(() => called.of('onDrain').length > 0);
    await until(() => called.of('onError').length > 0);
    connection.socket.write('hello');
    await until(() => called.of('onData').length > 0);
    server.dropAll('reset');
    await until(() => called.of('onReconnect').length > 0);
    await connection.disconnect({ grace: 0 });
    const { socket } = connection;
    const [chunk] = called.of('onData')[0] as [Buffer];
    expect(called.of('onData')[0]).toEqual([chunk]);
    expect(called.of('onConnect')).toEqual([[socket, connection]]);
    expect(called.of('onReconnect')[0]).toEqual([socket, connection]);
    expect(called.of('onDrain')[0]).toEqual([connection]);
    expect(called.of('ping')[0]).toEqual([socket, connection]);
    expect(called.of('onError')[0]).toEqual([thrown, 'heartbeat.ping', connection]);
    for (const name of ['onRetry', 'onReset', 'onClose']) {
      expect(called.of(name)[0]).toHaveLength(2);
      expect(called.of(name)[0]?.[1]).toBe(connection);
    }
    for (const [name, , self] of called.calls) if (name !== 'ping') expect(self).toBe(handler);
  });

  it('get the connection of a pool', async ({ server, manager }) => {
    const called = new Called();
    const pool = manager.createPool('p', () => called.handler('onConnect', 'onClose'));
    const connection = pool.addConnection(server.port, server.host);
    await connection.ready();
    await pool.disconnect();
    expect(called.of('onConnect')).toEqual([[connection.socket, connection]]);
    expect(called.of('onClose')[0]?.[1]).toBe(connection);
  });
});

describe.for(transports)('without onReconnect and onReset, over %s', (transport) => {
  it('onConnect begins every life, and only it is called', async ({ manager }) => {
    const lives: number[] = [];
    const members = {
      onReconnect: undefined,
      onReset: undefined,
      onConnect(socket: ManagedSocket, connection: Connection) {
        expect(socket).toBe(connection.socket);
        lives.push(connection.life);
      },
    };
    await withStage(transport, manager, { members }, async (stage) => {
      await stage.life(1);
      stage.server.dropAll('reset');
      await stage.life(2);
      stage.server.dropAll('end');
      await stage.life(3);
      expect(lives).toEqual([1, 2, 3]);
      expect(stage.handler.events).toEqual([]);
    });
  });
});

describe('without onReconnect', () => {
  it('a failed handshake of a later life is one of onConnect', async ({ server, manager }) => {
    const resets: unknown[] = [];
    let isRefused = false;
    const connection = manager.connect(
      server.port,
      server.host,
      {
        async onConnect() {
          if (isRefused) throw thrown;
        },
        onReset: ({ error }) => resets.push(error),
      },
      { backoff: constant(0), maxAttempts: 1 },
    );
    await connection.ready();
    isRefused = true;
    server.dropAll('reset');
    await until(() => connection.state === 'closed');
    const error = resets.at(-1) as HandshakeError;
    expect(error.name).toBe('HandshakeError');
    expect(error.message).toContain('onConnect failed with');
    expect(error.cause).toBe(thrown);
  });

  it('a rejection that comes too late is one of onConnect', async ({ server, manager }) => {
    const errors: unknown[][] = [];
    let reject: (error: Error) => void = () => undefined;
    const connection = manager.connect(
      server.port,
      server.host,
      {
        onConnect: (_, { life }) =>
          life === 2 ? new Promise<void>((__, fail) => (reject = fail)) : Promise.resolve(),
        onError: (...args) => errors.push(args),
      },
      atOnce,
    );
    await connection.ready();
    server.dropAll('reset');
    await until(() => connection.life === 2);
    server.dropAll('reset');
    await until(() => connection.life === 3);
    reject(thrown);
    await until(() => errors.length > 0);
    expect(errors).toEqual([[thrown, 'onConnect', connection]]);
  });
});

/** More than the operating system takes at once. */
const tooMuch = 'x'.repeat(40_000_000);

describe.for(transports)('onDrain over %s', (transport) => {
  it('comes once a socket that was full has been emptied', async ({ manager }) => {
    let drains = 0;
    const members = { onDrain: () => (drains += 1) };
    await withStage(transport, manager, { members }, async (stage) => {
      const socket = await stage.life(1);
      expect(socket.write(tooMuch)).toBe(false);
      expect(drains).toBe(0);
      await until(() => drains === 1);
      expect(socket.writableLength).toBe(0);
    });
  });

  it('comes when a life is ready, after a write was refused before the first or between two', async ({
    manager,
  }) => {
    const drainedIn: [life: number, state: string][] = [];
    const members = {
      onDrain: ({ life, state }: Connection) => drainedIn.push([life, state]),
    };
    await withStage(transport, manager, { members }, async (stage) => {
      const early = stage.socket;
      expect(early.write('x')).toBe(false);
      await until(() => drainedIn.length === 1);
      const first = await stage.life(1);
      stage.server.dropAll('reset');
      await stage.handler.until('reset');
      // Over TLS, that is the socket of the life that is over.
      expect(first.write('x')).toBe(false);
      await stage.life(2);
      await until(() => drainedIn.length === 2);
      expect(drainedIn).toEqual([
        [1, 'ready'],
        [2, 'ready'],
      ]);
    });
  });

  it('comes when a later life is ready, after a life that ended with a full socket', async ({ manager }) => {
    const drainedIn: number[] = [];
    const members = { onDrain: ({ life }: Connection) => drainedIn.push(life) };
    const script = (number: number) => (number === 1 ? stall() : echo());
    await withStage(transport, manager, { members, script }, async (stage) => {
      const socket = await stage.life(1);
      expect(socket.write(tooMuch)).toBe(false);
      stage.server.dropAll('reset');
      await stage.life(2);
      await until(() => drainedIn.length === 1);
      expect(drainedIn).toEqual([2]);
    });
  });

  it('is listened for only where the handler has it, and survives removeAllListeners()', async ({
    manager,
  }) => {
    await withStage(transport, manager, {}, async (stage) => {
      expect((await stage.life(1)).listenerCount('drain')).toBe(0);
    });
    let drains = 0;
    await withStage(transport, manager, { members: { onDrain: () => (drains += 1) } }, async (stage) => {
      const socket = await stage.life(1);
      call(socket, 'removeAllListeners');
      call(socket, 'removeAllListeners', 'drain');
      expect(socket.listenerCount('drain')).toBe(1);
      socket.write(tooMuch);
      await until(() => drains === 1);
    });
  });

  it('reports what it throws to onError', async ({ manager }) => {
    const members = {
      onDrain: () => {
        throw thrown;
      },
    };
    await withStage(transport, manager, { members }, async (stage) => {
      stage.socket.write('x');
      await stage.handler.until('error');
      expect(stage.handler.errors).toEqual([{ error: thrown, where: 'onDrain' }]);
      expect(stage.connection.state).toBe('ready');
    });
  });
});
