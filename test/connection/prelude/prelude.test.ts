import { once } from 'node:events';
import { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect } from 'vitest';
import {
  ClosedError,
  constant,
  type Connection,
  FatalError,
  type ConnectionOptions,
  type Handler,
  type Prelude,
  type PreludeSocket,
} from '../../../src/index.js';
import { greet, silent, startFaultServer } from '../../../src/testing/index.js';
import { certificates, type Certificates } from '../../support/certificates.js';
import { it, nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { outcome } from '../../support/socket-probe.js';
import { Front } from './front.js';

let certs: Certificates;

beforeAll(async () => {
  certs = await certificates();
});

const atOnce: ConnectionOptions = { backoff: constant(0), stableAfter: 0 };

/** Says hello, and waits for the answer, which ends with a line break. */
const hello: Prelude = async (socket) => {
  socket.write('hello\n');
  let said = '';
  for await (const chunk of socket) {
    said += String(chunk);
    const at = said.indexOf('\n');
    if (at < 0) continue;
    if (said.slice(0, at) !== 'hello') throw new Error(`the peer said ${said}`);
    socket.unshift(Buffer.from(said.slice(at + 1)));
    return;
  }
};

describe('over TCP', () => {
  it('comes before onConnect in each life, with the same socket', async ({ manager, server }) => {
    const handler = new Recorder();
    let runs = 0;
    const prelude: Prelude = (socket, context) => {
      runs += 1;
      expect(context.endpoint).toEqual({ host: '127.0.0.1', port: server.port });
      expect(handler.sockets).toHaveLength(runs - 1);
      return hello(socket, context);
    };
    const connection = manager.connect(server.port, '127.0.0.1', handler, { ...atOnce, prelude });
    for (let life = 1; life <= 5; life += 1) {
      await handler.until(life === 1 ? 'connect' : 'reconnect', Math.max(1, life - 1));
      connection.socket.write('ping');
      await until(() => handler.input[life - 1] === 'ping');
      expect(runs).toBe(life);
      server.dropAll(life % 2 ? 'end' : 'reset');
      await handler.until('reset', life);
    }
    await handler.until('reconnect', 5);
    expect(new Set(handler.sockets).size).toBe(1);
    expect(handler.failures).toEqual([]);
  });

  it('meanwhile the link is down for those who hold the socket', async ({ manager, server }) => {
    const handler = new Recorder();
    const heard: string[] = [];
    let finish: (() => void) | undefined;
    const prelude: Prelude = async (socket) => {
      socket.write('hello');
      await once(socket, 'data');
      await new Promise<void>((resolve) => (finish = resolve));
    };
    const connection = manager.connect(server.port, '127.0.0.1', handler, { ...atOnce, prelude });
    const { socket } = connection;
    for (const event of ['connect', 'ready', 'data'] as const) socket.on(event, () => heard.push(event));
    await until(() => finish !== undefined);
    expect(socket.write('early')).toBe(false);
    expect(await outcome((done) => socket.write('early', done))).toBeInstanceOf(ClosedError);
    expect(connection.state).toBe('connecting');
    expect(heard).toEqual([]);
    finish?.();
    await connection.ready();
    expect(heard).toEqual(['connect', 'ready']);
    expect(server.connections[0]?.receivedBytes().toString()).toBe('hello');
  });
});

/** Reads the greeting `hi`, and nothing more. */
const readHi: Prelude = async (socket) => {
  await once(socket, 'readable');
  expect(String(socket.read(2))).toBe('hi');
};

describe('what the prelude has read and not consumed', () => {
  for (const encoding of [undefined, 'hex'] as const) {
    it(`belongs to the handler, in order: ${encoding ?? 'bytes'}`, async ({ manager }) => {
      await using server = await startFaultServer({ script: () => greet('hi\u0000\u00ff and more') });
      const handler = new Recorder();
      const onConnect = handler.onConnect.bind(handler);
      if (encoding) handler.onConnect = (socket) => void onConnect(socket.setEncoding(encoding));
      manager.connect(server.port, '127.0.0.1', handler, { ...atOnce, prelude: readHi });
      const rest = Buffer.from('\u0000\u00ff and more');
      const wanted = encoding ? rest.toString(encoding) : rest.toString('latin1');
      await until(() => handler.input[0]?.length === wanted.length);
      expect(handler.input[0]).toBe(wanted);
    });
  }

  for (const [what, options] of Object.entries({
    reuseReadBuffer: (): ConnectionOptions => ({ reuseReadBuffer: true }),
    'reuseReadBuffer over TLS': (): ConnectionOptions => ({
      reuseReadBuffer: true,
      tls: { ca: certs.ca, servername: 'localhost' },
    }),
  })) {
    it(`belongs to the handler, with ${what}`, async ({ manager }) => {
      const isSecure = what.includes('TLS');
      await using server = await startFaultServer({
        ...(isSecure && { tls: certs.localhost }),
        script: () => greet('hi and more'),
      });
      await using front = await Front.start(isSecure ? ['hi'] : [], server.port);
      const handler = new Recorder();
      manager.connect(front.port, '127.0.0.1', handler, { ...atOnce, prelude: readHi, ...options() });
      const wanted = isSecure ? 'hi and more' : ' and more';
      await until(() => handler.input[0]?.length === wanted.length);
      expect(handler.input[0]).toBe(wanted);
    });
  }

  for (const isSecure of [false, true]) {
    it(`belongs to onread${isSecure ? ' over TLS' : ''}, and later input does too`, async ({ manager }) => {
      await using server = await startFaultServer({
        ...(isSecure && { tls: certs.localhost }),
        script: () => greet('hi and more'),
      });
      await using front = await Front.start(isSecure ? ['hi'] : [], server.port);
      let said = '';
      const buffer = Buffer.alloc(3);
      const onread = {
        buffer,
        callback: (length: number) => ((said += buffer.toString('latin1', 0, length)), true),
      };
      const connection = manager.connect(
        front.port,
        '127.0.0.1',
        { onConnect: () => undefined },
        {
          ...atOnce,
          prelude: readHi,
          onread,
          ...(isSecure && { tls: { ca: certs.ca, servername: 'localhost' } }),
        },
      );
      const wanted = isSecure ? 'hi and more' : ' and more';
      await connection.ready();
      await until(() => said === wanted);
      (await server.accept(1)).write('!');
      await until(() => said === `${wanted}!`);
    });
  }

  it('is what TLS begins with, and never input of the handler', async ({ manager }) => {
    await using server = await startFaultServer({ tls: certs.localhost, script: () => greet('secure') });
    // As one who wants to slip something in would have it: it comes before the handshake.
    await using front = await Front.start(['hi', 'NOT SECURE'], server.port);
    const handler = new Recorder();
    manager.connect(front.port, 'localhost', handler, { ...atOnce, prelude: readHi, tls: { ca: certs.ca } });
    await handler.until('retry');
    expect(handler.failures[0]?.phase).toBe('tls');
    expect(handler.input).toEqual([]);
  });
});

describe('the socket of a prelude', () => {
  it('is dead once it is over', async ({ manager, server }) => {
    const handler = new Recorder();
    let own: PreludeSocket | undefined;
    const heard: string[] = [];
    const prelude: Prelude = (socket) => {
      own = socket;
      socket.on('data', (chunk) => heard.push(String(chunk)));
    };
    const connection = manager.connect(server.port, '127.0.0.1', handler, { ...atOnce, prelude });
    await connection.ready();
    expect(await outcome((done) => own?.write('late', done))).toBeInstanceOf(Error);
    connection.socket.write('ping');
    await until(() => handler.input[0] === 'ping');
    own?.destroy();
    own?.resume();
    await nextTurn();
    expect(own?.read()).toBeNull();
    expect(heard).toEqual([]);
    expect(connection.state).toBe('ready');
    expect(server.connections[0]?.receivedBytes().toString()).toBe('ping');
  });

  it('sends all that was written before the link is up', async ({ manager }) => {
    const size = 5_000_000;
    await using server = await startFaultServer({ keepBytes: size + 8, script: () => silent() });
    const prelude: Prelude = (socket) => {
      for (let sent = 0; sent < size; sent += 100_000) socket.write(Buffer.alloc(100_000, 'x'));
      socket.cork();
      socket.write('end');
    };
    const connection = manager.connect(server.port, '127.0.0.1', new Recorder(), { ...atOnce, prelude });
    await connection.ready();
    connection.socket.write('after');
    await until(() => server.connections[0]?.received === size + 8);
    expect(server.connections[0]?.receivedBytes().subarray(-8).toString()).toBe('endafter');
  });

  it('loses nothing between two answers that are waited for', async ({ manager, server }) => {
    const prelude: Prelude = async (socket) => {
      socket.write('a');
      await once(socket, 'data');
      socket.write('b');
      await until(() => socket.readableLength > 0);
      expect(String((await once(socket, 'data'))[0])).toBe('b');
    };
    const connection = manager.connect(server.port, '127.0.0.1', new Recorder(), { ...atOnce, prelude });
    await connection.ready();
  });
});

/** What a prelude does that fails, and what is said of it. */
const failures: readonly [what: string, prelude: Prelude, message: RegExp][] = [
  ['throws', () => fail(new Error('boom')), /boom$/],
  ['throws a text', () => fail('boom'), /boom$/],
  ['rejects', () => Promise.reject(new Error('boom', { cause: new Error('the root') })), /boom: the root$/],
  ['rejects with nothing', () => Promise.reject(), /undefined$/],
  ['ends its socket', (socket) => void socket.end(), /the prelude has ended its socket$/],
  ['destroys its socket', (socket) => void socket.destroy(), /the prelude has ended its socket$/],
  ['destroys it with an error', (socket) => new Promise(() => socket.destroy(new Error('boom'))), /boom$/],
  ['destroys it, and throws', (socket) => (socket.destroy(), fail(new Error('boom'))), /boom$/],
  ['reads text', (socket) => void socket.setEncoding('utf8'), /setEncoding/],
];

function fail(error: unknown): never {
  throw error;
}

describe.each(['TCP', 'TLS'])('a prelude over %s that fails', (over) => {
  const tls = (): ConnectionOptions =>
    over === 'TLS' ? { tls: { ca: certs.ca, servername: 'localhost' } } : {};

  for (const [what, prelude, message] of failures) {
    it(`${what}: a failed dial`, async ({ manager, server }) => {
      const handler = new Recorder();
      let runs = 0;
      const twice: Prelude = (socket, context) =>
        ++runs < 3 ? prelude(socket, context) : new Promise(() => undefined);
      const phases: string[] = [];
      const connection = manager.connect(server.port, '127.0.0.1', handler, {
        ...atOnce,
        ...tls(),
        prelude: twice,
        shouldRetry: ({ phase }) => (phases.push(phase), true),
      });
      await handler.until('retry', 2);
      expect(phases).toEqual(['prelude', 'prelude']);
      for (const { error, phase } of handler.failures) {
        expect(phase).toBe('prelude');
        expect(error).toMatchObject({ name: 'DialError', code: 'CONNMAN_DIAL', phase: 'prelude' });
        expect(error.message).toMatch(message);
      }
      expect(connection.stats().failures).toMatchObject({ prelude: 2, tls: 0, connect: 0 });
      expect(handler.events).toEqual(['retry', 'retry']);
      expect(server.connections.every(({ received }) => received === 0)).toBe(true);
    });
  }

  it('by a FatalError: the connection is closed', async ({ manager, server }) => {
    const handler = new Recorder();
    const prelude: Prelude = () => Promise.reject(new FatalError('wrong password'));
    manager.connect(server.port, '127.0.0.1', handler, { ...atOnce, ...tls(), prelude });
    await handler.until('close');
    expect(handler.closings).toMatchObject([{ code: 'fatal', error: { phase: 'prelude' } }]);
    expect(server.accepted).toBe(1);
  });

  it('by connectTimeout, which aborts its signal', async ({ manager }) => {
    await using server = await startFaultServer({ script: () => silent() });
    const handler = new Recorder();
    const signals: AbortSignal[] = [];
    const prelude: Prelude = (socket, { signal }) => {
      signals.push(signal);
      return once(socket, 'data', { signal });
    };
    manager.connect(server.port, '127.0.0.1', handler, { ...atOnce, ...tls(), prelude, connectTimeout: 50 });
    await handler.until('retry', 2);
    expect(handler.failures[0]?.error.message).toMatch(
      /within 50 ms: TCP is up, but the prelude is not done$/,
    );
    expect(handler.failures[0]?.phase).toBe('prelude');
    expect(signals.slice(0, 2).every(({ aborted }) => aborted)).toBe(true);
  });

  it('as the peer has ended, or reset', async ({ manager }) => {
    await using front = await Front.start(['hi', 1], 1);
    front.cuts.push(
      { after: 2, how: 'end' },
      { after: 2, how: 'end' },
      { after: 2, how: 'reset' },
      { after: 0, how: 'silence' },
    );
    const handler = new Recorder();
    let runs = 0;
    const prelude: Prelude = async (socket) => {
      runs += 1;
      // The first one does not read at all.
      if (runs > 1) await once(socket, 'data');
      await new Promise(() => undefined);
    };
    const options = { ...atOnce, ...tls(), prelude, connectTimeout: 300 };
    manager.connect(front.port, '127.0.0.1', handler, options);
    await handler.until('retry', 3);
    expect(
      handler.failures.map(({ phase, error }) => [phase, (error.cause as NodeJS.ErrnoException).code]),
    ).toEqual([
      ['prelude', 'CONNMAN_TIMEOUT'],
      ['prelude', 'ECONNRESET'],
      [expect.stringMatching(/^(?:prelude|connect)$/), 'ECONNRESET'],
    ]);
  });

  it('is called off by disconnect(), in the midst of it', async ({ manager, server }) => {
    const handler = new Recorder();
    let aborted = false;
    const prelude: Prelude = async (_socket, { signal }) => {
      void connection.disconnect();
      await once(signal, 'abort');
      aborted = true;
    };
    const connection = manager.connect(server.port, '127.0.0.1', handler, { ...atOnce, ...tls(), prelude });
    await handler.until('close');
    expect(handler.closings).toMatchObject([{ code: 'disconnect', lives: 0 }]);
    await until(() => aborted);
    expect(handler.events).toEqual(['close']);
  });

  it('leaves nothing in the socket: listeners stay as they are', async ({ manager, server }) => {
    const handler = new Recorder();
    let runs = 0;
    const prelude: Prelude = async (socket) => {
      runs += 1;
      if (runs > 30) return;
      if (runs % 2) await once(socket, 'data');
      throw new Error('boom');
    };
    await using front = await Front.start(['hi'], server.port);
    for (let at = 0; at < 15; at += 1) front.cuts.push({ after: at % 3, how: at % 2 ? 'end' : 'reset' });
    const connection = manager.connect(front.port, '127.0.0.1', handler, { ...atOnce, prelude });
    const names = ['connect', 'end', 'close', 'error', 'data', 'timeout', 'finish'];
    const before = names.map((name) => connection.socket.listenerCount(name));
    await connection.ready();
    expect(handler.failures.length).toBeGreaterThan(10);
    expect(names.map((name) => connection.socket.listenerCount(name))).toEqual(before);
  });
});

describe('over TLS', () => {
  const ways: readonly (readonly [what: string, hasPrelude: boolean, isFunction: boolean])[] = [
    ['a prelude', true, false],
    ['no prelude', false, false],
    ['tls as a function', false, true],
    ['a prelude and tls as a function', true, true],
  ];

  it.for(ways)(
    'all sockets are TLS sockets, whoever asks: %s',
    async ([, hasPrelude, isFunction], { manager }) => {
      await using server = await startFaultServer({ tls: certs.localhost });
      await using front = await Front.start(hasPrelude ? ['hi'] : [], server.port);
      const seen = new Set<unknown>();
      const handler = (): Handler => ({
        onConnect: (socket) => void seen.add(socket),
        onRetry: (_failure, { socket }: Connection) => void seen.add(socket),
      });
      let pings = 0;
      const tls = { ca: certs.ca, servername: 'localhost' };
      const pool = manager.createPool('secure', handler, {
        ...atOnce,
        tls: isFunction
          ? () => {
              seen.add(pool.getConnection(0));
              return tls;
            }
          : tls,
        ...(hasPrelude && {
          prelude: async (socket, context) => {
            seen.add(pool.getConnection(0));
            await readHi(socket, context);
          },
        }),
        heartbeat: {
          interval: 20,
          ping: (socket) => {
            seen.add(socket);
            pings += 1;
            socket.write('PING');
          },
        },
      });
      const connection = pool.addConnection(front.port, '127.0.0.1');
      seen.add(connection.socket);
      for (let life = 1; life <= 4; life += 1) {
        // A loaded machine may lose a life more, to the heartbeat.
        await until(() => connection.life >= life && connection.state === 'ready' && pings >= life);
        seen.add(connection.socket).add(pool.pick().socket);
        const lease = await pool.acquire();
        seen.add(lease.socket);
        lease.release();
        front.dropAll('reset');
        seen.add(connection.socket);
        await until(() => connection.state !== 'ready');
        seen.add(connection.socket);
      }
      await pool.disconnect({ grace: 0 });
      seen.add(connection.socket);
      for (const socket of seen) expect(socket).toBeInstanceOf(TLSSocket);
    },
  );
});
