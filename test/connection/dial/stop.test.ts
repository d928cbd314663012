import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, onTestFinished } from 'vitest';
import {
  constant,
  FatalError,
  HandshakeError,
  type ChannelPayloads,
  type ConnectionOptions,
  type ManagedSocket,
} from '../../../src/index.js';
import { end, greet, startFaultServer } from '../../../src/testing/index.js';
import { it, nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

const wrongPassword = new Error('wrong password');

/** A handler whose handshake is that of the test, in its first life or in all of them. */
class Shaking extends Recorder {
  readonly #shake: (socket: ManagedSocket) => void | Promise<void>;

  constructor(shake: (socket: ManagedSocket) => void | Promise<void>) {
    super();
    this.#shake = shake;
  }

  override onConnect(socket: ManagedSocket): void | Promise<void> {
    void super.onConnect(socket);
    return this.#shake(socket);
  }

  override onReconnect(socket: ManagedSocket): void | Promise<void> {
    void super.onReconnect(socket);
    return this.#shake(socket);
  }
}

type Shake = (socket: ManagedSocket) => void | Promise<void>;

const afterwards: Readonly<Record<string, Shake>> = {
  'throws after destroy()': (socket) => {
    socket.destroy();
    throw wrongPassword;
  },
  'throws after destroy(error)': (socket) => {
    socket.destroy(new Error('another'));
    throw wrongPassword;
  },
  'throws after resetAndDestroy()': (socket) => {
    socket.resetAndDestroy();
    throw wrongPassword;
  },
  'throws after end()': (socket) => {
    socket.end('QUIT');
    throw wrongPassword;
  },
  'rejects after destroy()': async (socket) => {
    socket.destroy();
    await Promise.reject(wrongPassword);
  },
  'rejects one turn after destroy()': async (socket) => {
    await once(socket, 'data');
    socket.destroy();
    await nextTurn();
    throw wrongPassword;
  },
  'rejects when the socket has closed': async (socket) => {
    socket.destroy();
    await new Promise((resolve) => socket.once('close', resolve));
    throw wrongPassword;
  },
  'rejects a turn after the socket has closed': async (socket) => {
    socket.end();
    await new Promise((resolve) => socket.once('close', resolve));
    await nextTurn();
    throw wrongPassword;
  },
};

const atOnce: ConnectionOptions = { backoff: constant(0) };

describe('a handshake that fails', () => {
  for (const [what, shake] of Object.entries(afterwards)) {
    it(`is the reason of the reset if it ${what}, and leads on to the next endpoint`, async ({ manager }) => {
      const servers = [await startFaultServer(), await startFaultServer()] as const;
      for (const server of servers) server.script = () => greet('hello');
      let lives = 0;
      const handler = new Shaking((socket) => (++lives === 1 ? shake(socket) : undefined));
      const endpoints = servers.map(({ endpoint }) => endpoint);
      const connection = manager.connect(endpoints, handler, atOnce);
      await handler.until('reconnect');
      expect(handler.resets[0]).toMatchObject({ code: 'handshake', endpoint: endpoints[0] });
      expect(handler.resets[0]?.error).toBeInstanceOf(HandshakeError);
      expect(handler.resets[0]?.error?.cause).toBe(wrongPassword);
      expect(connection.endpoint).toEqual(endpoints[1]);
      expect(handler.errors).toEqual([]);
      expect(connection.stats().resets).toMatchObject({ handshake: 1, 'local-end': 0 });
      await connection.disconnect();
      await Promise.all(servers.map((server) => server.close()));
    });
  }

  for (const how of ['end', 'reset'] as const) {
    it(`a turn after its server's ${how} is the reason of the reset`, async ({ server, manager }) => {
      let lives = 0;
      const handler = new Shaking(async (socket) => {
        lives += 1;
        if (lives > 1) return;
        await new Promise((resolve) => socket.once('close', resolve));
        await nextTurn();
        throw wrongPassword;
      });
      manager.connect(server.port, server.host, handler, atOnce);
      await handler.until('connect');
      server.dropAll(how);
      await handler.until('reconnect');
      expect(handler.resets[0]?.code).toBe('handshake');
      expect(handler.resets[0]?.error?.cause).toBe(wrongPassword);
    });
  }

  it('as TLS over its socket fails is the reason of the reset', async ({ server, manager }) => {
    server.script = () => end();
    const handler = new Shaking(async (socket) => {
      const secure = connectTls({ socket, rejectUnauthorized: false });
      await once(secure, 'secureConnect');
    });
    manager.connect(server.port, server.host, handler, { backoff: constant(5), maxAttempts: 3 });
    await handler.until('close');
    expect(handler.resets.map(({ code }) => code)).toEqual(['handshake', 'handshake', 'handshake']);
    expect(handler.closings[0]).toMatchObject({ code: 'gave-up', error: { name: 'HandshakeError' } });
    expect(server.accepted).toBe(3);
  });

  it('after its life goes to onError and a channel, and concerns no later life', async ({
    server,
    manager,
  }) => {
    const told: unknown[] = [];
    const hear = (message: unknown): void => {
      const { error, where } = message as ChannelPayloads['connman:connection:handler-error'];
      told.push({ error, where });
    };
    subscribe('connman:connection:handler-error', hear);
    onTestFinished(() => void unsubscribe('connman:connection:handler-error', hear));
    let fail: (error: Error) => void = () => undefined;
    let lives = 0;
    const handler = new Shaking(() => {
      lives += 1;
      return lives > 1 ? undefined : new Promise((_, reject) => (fail = reject));
    });
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await handler.until('connect');
    server.dropAll('end');
    await handler.until('reconnect');
    fail(wrongPassword);
    await until(() => handler.count('error') === 1);
    expect(handler.errors).toEqual([{ error: wrongPassword, where: 'onConnect' }]);
    expect(told).toEqual(handler.errors);
    expect(connection.state).toBe('ready');
    expect(handler.resets.map(({ code }) => code)).toEqual(['remote-end']);
  });

  it('after its life is told by the channel only where there is no onError', async ({ server, manager }) => {
    let fail: (error: Error) => void = () => undefined;
    const handler = new Shaking(() => new Promise((_, reject) => (fail = reject)));
    Object.assign(handler, { onError: undefined });
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await handler.until('connect');
    const failFirst = fail;
    server.dropAll('end');
    await handler.until('reconnect');
    failFirst(wrongPassword);
    await until(() => connection.stats().handlerErrors === 1);
    expect(connection.state).toBe('handshaking');
  });

  it('keeps disconnect() what it is, with its reason as the cause', async ({ server, manager }) => {
    const handler = new Shaking((socket) => {
      void socket.disconnect();
      throw wrongPassword;
    });
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    const ready = connection.ready().catch((error: unknown) => error);
    await handler.until('close');
    expect(handler.resets[0]).toMatchObject({ code: 'disconnect', willReconnect: false });
    expect(handler.resets[0]?.error?.cause).toBe(wrongPassword);
    expect(handler.closings[0]).toMatchObject({ code: 'disconnect', error: { cause: wrongPassword } });
    expect(await ready).toMatchObject({
      code: 'CONNMAN_CLOSED',
      message: expect.stringMatching(/wrong password$/) as string,
    });
    expect(handler.errors).toEqual([]);
  });

  it('as the application disconnects is no reason of its own', async ({ server, manager }) => {
    const handler = new Shaking(async (socket) => {
      await new Promise((resolve) => socket.once('close', resolve));
      throw wrongPassword;
    });
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await handler.until('connect');
    await connection.disconnect();
    expect(handler.resets[0]?.code).toBe('disconnect');
    expect(handler.resets[0]?.error).toBeUndefined();
    expect(handler.closings[0]).not.toHaveProperty('error');
  });
});

describe('a failure that trying again cannot mend', () => {
  const fatal = new FatalError('wrong password');
  const kinds: Readonly<Record<string, Shake>> = {
    'a FatalError thrown': () => {
      throw fatal;
    },
    'a FatalError rejected': async (socket) => {
      await once(socket, 'data');
      throw fatal;
    },
    'one that is the cause of another': async (socket) => {
      await once(socket, 'data');
      throw new Error('login failed', { cause: new Error('refused', { cause: fatal }) });
    },
    'one of several failures': async () => {
      await Promise.any([Promise.reject(new Error('busy')), Promise.reject(fatal)]);
    },
    'the FatalError of another copy of connman': () => {
      throw Object.assign(new Error('wrong password'), { code: 'CONNMAN_FATAL' });
    },
    'one after destroy()': (socket) => {
      socket.destroy();
      throw fatal;
    },
  };
  for (const [what, shake] of Object.entries(kinds)) {
    it(`closes the connection: ${what}`, async ({ server, manager }) => {
      server.script = () => greet('hello');
      const handler = new Shaking(shake);
      const connection = manager.connect(server.port, server.host, handler, atOnce);
      const error = await connection.ready().catch((thrown: unknown) => thrown);
      await handler.until('close');
      expect(error).toMatchObject({ code: 'CONNMAN_CLOSED' });
      expect((error as Error).message).toMatch(/wrong password$/);
      expect(handler.resets[0]).toMatchObject({ code: 'handshake', willReconnect: false });
      expect(handler.resets[0]).not.toHaveProperty('delay');
      expect(handler.closings[0]).toMatchObject({ code: 'fatal', error: handler.resets[0]?.error });
      expect(handler.events.filter((event) => event !== 'data')).toEqual(['connect', 'reset', 'close']);
      await expect(connection.ready()).rejects.toThrow(/wrong password$/);
      expect(server.accepted).toBe(1);
      expect(connection.state).toBe('closed');
    });
  }

  it('may be a failed dial', async ({ manager }) => {
    const handler = new Recorder();
    const lookup = (_host: string, _options: unknown, answer: (error: Error) => void): void =>
      answer(new FatalError('no such tenant'));
    const connection = manager.connect(1, 'tenant.example', handler, { ...atOnce, lookup: lookup as never });
    await handler.until('close');
    expect(handler.closings[0]).toMatchObject({ code: 'fatal', error: { code: 'CONNMAN_DIAL' } });
    expect(connection.stats()).toMatchObject({ dials: 1, failedDials: 1 });
    expect(handler.count('retry')).toBe(0);
  });

  it('is what shouldRetry says it is, for dials and for handshakes', async ({ server, manager }) => {
    const asked: object[] = [];
    const shouldRetry: ConnectionOptions['shouldRetry'] = (failure) => {
      const { phase, attempts, endpoint } = failure;
      asked.push({ phase, attempts, endpoint, state: connection.state });
      return attempts < 3;
    };
    await server.refuse();
    const handler = new Shaking(() => {
      throw wrongPassword;
    });
    const { endpoint } = server;
    const connection = manager.connect(server.port, server.host, handler, { ...atOnce, shouldRetry });
    await handler.until('retry', 2);
    await server.listen();
    await handler.until('close');
    expect(asked).toEqual([
      { phase: 'connect', attempts: 1, endpoint, state: 'connecting' },
      { phase: 'connect', attempts: 2, endpoint, state: 'connecting' },
      { phase: 'handshake', attempts: 3, endpoint, state: 'handshaking' },
    ]);
    expect(handler.closings[0]).toMatchObject({ code: 'fatal', error: { cause: wrongPassword } });
  });

  it('is not asked of shouldRetry where the connection is closed anyway', async ({ server, manager }) => {
    let asked = 0;
    const shouldRetry = (): boolean => {
      asked += 1;
      return true;
    };
    const ends = [
      { thrown: wrongPassword, options: { maxAttempts: 1 }, code: 'gave-up' },
      { thrown: fatal, options: {}, code: 'fatal' },
    ];
    for (const { thrown, options, code } of ends) {
      const handler = new Shaking(() => {
        throw thrown;
      });
      manager.connect(server.port, server.host, handler, { ...atOnce, ...options, shouldRetry });
      await handler.until('close');
      expect(handler.closings[0]).toMatchObject({ code });
    }
    expect(asked).toBe(0);
  });

  it('is none where no dial waits for the callback: a FatalError of onData goes to onError', async ({
    server,
    manager,
  }) => {
    server.script = () => greet('hello');
    const errors: unknown[] = [];
    const handler = {
      onConnect: () => {},
      onData: () => {
        throw fatal;
      },
      onError: (error: unknown) => void errors.push(error),
    };
    const connection = manager.connect(server.port, server.host, handler);
    await until(() => errors.length > 0);
    expect(errors).toEqual([fatal]);
    expect(connection.state).toBe('ready');
  });

  it('is a FatalError that shouldRetry throws; another error goes to onError, and the connection goes on', async ({
    server,
    manager,
  }) => {
    await server.refuse();
    const handler = new Recorder();
    const fault = new Error('a bug in shouldRetry');
    let calls = 0;
    const shouldRetry = (): boolean => {
      calls += 1;
      if (calls === 1) throw fault;
      if (calls === 2) return undefined as never;
      throw fatal;
    };
    manager.connect(server.port, server.host, handler, { ...atOnce, shouldRetry });
    await handler.until('close');
    expect(handler.errors).toEqual([
      { error: fault, where: 'shouldRetry' },
      { error: expect.objectContaining({ code: 'CONNMAN_OPTION' }) as Error, where: 'shouldRetry' },
    ]);
    expect(handler.closings[0]).toMatchObject({ code: 'fatal', error: fatal });
    expect(calls).toBe(3);
  });

  it('is no promise of shouldRetry, not even one that rejects', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const rejects = async (): Promise<never> => Promise.reject(new Error('a bug in shouldRetry'));
    const connection = manager.connect(server.port, server.host, handler, {
      ...atOnce,
      shouldRetry: rejects as never,
    });
    await handler.until('retry', 2);
    expect(handler.errors[0]).toMatchObject({ error: { code: 'CONNMAN_OPTION' }, where: 'shouldRetry' });
    expect(connection.state).not.toBe('closed');
  });

  it('lets shouldRetry disconnect, reset and reconnect', async ({ server, manager }) => {
    await server.refuse();
    const handler = new Recorder();
    const reason = new Error('enough');
    const connection = manager.connect(server.port, server.host, handler, {
      ...atOnce,
      shouldRetry: () => {
        connection.reset();
        connection.reconnectNow();
        void connection.disconnect({ reason });
        return true;
      },
    });
    await handler.until('close');
    expect(handler.closings[0]).toMatchObject({ code: 'disconnect', error: reason });
    expect(handler.events).toEqual(['close']);
  });
});

describe('what a handshake throws', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const broken = {
    get code(): never {
      throw new Error('no code');
    },
  };
  it.for(
    Object.entries({ nothing: undefined, 'an object that cannot be read': proxy, 'one in part': broken }),
  )('may be %s', async ([, thrown], { server, manager }) => {
    const handler = new Shaking(() => {
      throw thrown;
    });
    manager.connect(server.port, server.host, handler, { ...atOnce, maxAttempts: 2 });
    await handler.until('close');
    expect(handler.resets.map(({ code }) => code)).toEqual(['handshake', 'handshake']);
  });
});

describe('maxAttempts', () => {
  it('counts refused handshakes, one after the other', async ({ server, manager }) => {
    const handler = new Shaking(() => Promise.reject(wrongPassword));
    manager.connect(server.port, server.host, handler, { ...atOnce, maxAttempts: 3 });
    await handler.until('close');
    expect(server.accepted).toBe(3);
    expect(handler.resets.map(({ willReconnect }) => willReconnect)).toEqual([true, true, false]);
    expect(handler.closings[0]).toMatchObject({ code: 'gave-up', error: { cause: wrongPassword }, lives: 3 });
  });

  it('begins again when a handshake is done, and not before', async ({ server, manager }) => {
    const outcomes = ['refused', 'refused', 'done', 'refused', 'refused', 'refused'];
    let life = 0;
    const handler = new Shaking(async () => {
      life += 1;
      if (outcomes[life - 1] === 'refused') throw wrongPassword;
      await Promise.resolve();
    });
    const connection = manager.connect(server.port, server.host, handler, { ...atOnce, maxAttempts: 3 });
    await connection.ready();
    server.dropAll('end');
    await handler.until('close');
    expect(life).toBe(6);
  });
});

describe('disconnect({ reason })', () => {
  it('is kept as the cause everywhere', async ({ server, manager }) => {
    const reason = new Error('the tenant is gone');
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    await connection.ready();
    await connection.disconnect({ reason });
    expect(handler.resets[0]).toMatchObject({ code: 'disconnect', error: reason });
    expect(handler.closings[0]).toMatchObject({ code: 'disconnect', error: reason });
    await expect(connection.ready()).rejects.toMatchObject({ cause: reason });
    await expect(connection.ready()).rejects.toThrow(/is closed: the tenant is gone$/);
  });

  it('is kept by a connection that is not up', async ({ server, manager }) => {
    await server.refuse();
    const reason = new Error('the tenant is gone');
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, { backoff: constant(60_000) });
    const ready = connection.ready().catch((error: unknown) => error);
    await handler.until('retry');
    await connection.disconnect({ reason });
    expect(await ready).toMatchObject({ cause: reason });
    expect(handler.closings[0]?.error).toBe(reason);
  });
});
