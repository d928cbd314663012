import { once } from 'node:events';
import { connect as netConnect, createServer, type AddressInfo, type Socket } from 'node:net';
import { beforeAll, describe, expect } from 'vitest';
import { imap, postgresql, smtp, xmpp } from '../../examples/preludes/starttls.js';
import {
  constant,
  OptionError,
  type Connection,
  type ConnectionOptions,
  type Prelude,
} from '../../src/index.js';
import { expect as expectAnswer, httpConnect, proxyHeader } from '../../src/prelude/index.js';
import { startFaultServer } from '../../src/testing/index.js';
import { Front, type Step } from '../connection/prelude/front.js';
import { unchecked } from '../support/call.js';
import { certificates, type Certificates } from '../support/certificates.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

let certs: Certificates;
let atOnce: ConnectionOptions;

beforeAll(async () => {
  certs = await certificates();
  atOnce = { backoff: constant(0), stableAfter: 0, tls: { ca: certs.ca } };
});

describe('a target', () => {
  const answers = { dead: 'HTTP/1.1 504 Gateway Timeout\r\n\r\n', live: 'HTTP/1.1 200 OK\r\n\r\n' };

  it('is named where the proxy is, and does not slow another when it is dead', async ({
    manager,
    server,
  }) => {
    const proxy = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', (chunk) => {
          socket.write(String(chunk).includes('dead') ? answers.dead : answers.live);
        });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as { port: number };
    const options: ConnectionOptions = { backoff: constant(60_000) };
    const dead = new Recorder();
    const lost = manager.connect(port, '127.0.0.1', dead, {
      ...options,
      prelude: httpConnect('dead.test:1'),
    });
    await dead.until('retry');
    expect(lost.endpoint).toEqual({ host: '127.0.0.1', port, target: 'dead.test:1' });
    expect(dead.failures[0]?.error.message).toContain(`dial to 127.0.0.1:${port} for dead.test:1 failed`);
    expect(dead.failures[0]?.error.endpoint).toMatchObject({ target: 'dead.test:1' });
    expect(lost.stats()).toMatchObject({ endpoint: { target: 'dead.test:1' }, failures: { prelude: 1 } });
    for (let round = 0; round < 5; round += 1) {
      const live = new Recorder();
      const connection = manager.connect(port, '127.0.0.1', live, {
        ...options,
        prelude: httpConnect('live.test:1'),
      });
      await live.until('connect');
      expect(connection.stats().gate.state).toBe('up');
      await connection.disconnect({ grace: 0 });
    }
    const pool = manager.createPool('through', () => new Recorder(), { prelude: httpConnect('live.test:1') });
    const pooled = pool.addConnection(port, '127.0.0.1');
    await pool.ready();
    expect(pooled.endpoint.target).toBe('live.test:1');
    expect(pool.stats().endpoints[0]).toMatchObject({
      endpoint: { target: 'live.test:1' },
      gate: { state: 'up' },
    });
    expect(server.accepted).toBe(0);
    await manager.disconnectAll({ grace: 0 });
    await new Promise((resolve) => proxy.close(resolve));
  });
});

/** What a proxy does for a target that is dead. */
const deaths: Readonly<Record<string, (socket: Socket) => unknown>> = {
  'the proxy refuses': (socket) => socket.write('HTTP/1.1 504 Gateway Timeout\r\n\r\n'),
  'the proxy has no answer for': () => undefined,
  'is silent': (socket) => socket.write(opened),
  'ends its tunnel': (socket) => socket.end(opened),
  'resets its tunnel': (socket) => socket.write(opened, () => socket.resetAndDestroy()),
};
const opened = 'HTTP/1.1 200 OK\r\n\r\n';

describe('a dead target never slows another behind the same proxy:', () => {
  it.for(Object.entries(deaths))('one that %s', async ([, die], { manager }) => {
    await using server = await startFaultServer({ tls: certs.localhost });
    const sockets = new Set<Socket>();
    const proxy = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.once('data', (chunk) => {
        if (String(chunk).includes('dead')) return die(socket);
        socket.write(opened);
        const behind = netConnect(server.port, server.host);
        sockets.add(behind.on('error', () => undefined));
        return socket.pipe(behind).pipe(socket);
      });
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const { port } = proxy.address() as AddressInfo;
    const through = (target: string, options: ConnectionOptions): Connection<Recorder> => {
      const prelude = httpConnect(target);
      return manager.connect(port, '127.0.0.1', new Recorder(), { ...atOnce, prelude, ...options });
    };
    const dead = Array.from({ length: 2 }, () => through('dead.test:1', { connectTimeout: 50 }));
    await dead[0]?.handler.until('retry');
    // It would not be back within the test if it had to wait.
    const live = through('localhost:1', { backoff: constant(600_000) });
    await live.ready();
    await dead[0]?.handler.until('retry', 2);
    for (let round = 1; round <= 2; round += 1) {
      void live.retire();
      await live.handler.until('reconnect', round);
    }
    expect(live.handler.failures).toEqual([]);
    await manager.disconnectAll({ grace: 0 });
    for (const socket of sockets) socket.destroy();
    await once(proxy.close(), 'close');
  });
});

describe('STARTTLS', () => {
  const dialogues: Readonly<Record<string, readonly [Prelude, readonly Step[]]>> = {
    SMTP: [smtp, ['220 hi\r\n', 16, '250-hi\r\n250 STARTTLS\r\n', 10, '220 go on\r\n']],
    IMAP: [imap, ['* OK hi\r\n', 13, '* NO news\r\na1 OK go on\r\n']],
    PostgreSQL: [postgresql, [8, 'S']],
    XMPP: [
      xmpp,
      [
        "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
          .length,
        "<stream:stream><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
        "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".length,
        "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
      ],
    ],
  };
  it.for(Object.entries(dialogues))('%s', async ([, [prelude, steps]], { manager }) => {
    await using server = await startFaultServer({ tls: certs.localhost });
    await using front = await Front.start(steps, server.port);
    const handler = new Recorder();
    const connection = manager.connect(front.port, 'localhost', handler, { ...atOnce, prelude });
    await connection.ready();
    connection.socket.write('ping');
    await until(() => handler.input[0] === 'ping');
    expect(handler.failures).toEqual([]);
  });
});

describe('a PROXY header', () => {
  it('tells the addresses of the link', async ({ manager, server, socketPath }) => {
    const first = async (
      to: { host: string; port: number } | { path: string },
      version: 1 | 2,
      at: number,
    ): Promise<Buffer> => {
      const handler = new Recorder();
      const connection = manager.connect(to, handler, { prelude: proxyHeader({ version }) });
      await connection.ready();
      connection.socket.write('ping');
      const peer = at < 0 ? unix : server;
      await until(
        () => peer.connections.at(-1)?.receivedBytes().toString('latin1').endsWith('ping') ?? false,
      );
      return peer.connections.at(-1)?.receivedBytes() ?? Buffer.alloc(0);
    };
    await using unix = await startFaultServer({ path: socketPath });
    const { host, port } = server;
    expect(String(await first({ host, port }, 1, 0))).toMatch(
      new RegExp(`^PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ ${port}\\r\\nping$`),
    );
    const binary = await first({ host, port }, 2, 0);
    expect(binary.subarray(0, 24).toString('hex')).toBe('0d0a0d0a000d0a515549540a2111000c7f0000017f000001');
    expect(binary.readUInt16BE(26)).toBe(port);
    expect(binary.subarray(28).toString()).toBe('ping');
    expect(String(await first({ path: socketPath }, 1, -1))).toBe('PROXY UNKNOWN\r\nping');
    const local = await first({ path: socketPath }, 2, -1);
    expect(local.subarray(12).toString('hex')).toBe(`20000000${Buffer.from('ping').toString('hex')}`);
  });
});

describe('wrong arguments', () => {
  const wrong: readonly (readonly [what: string, call: () => unknown])[] = [
    ...[
      '',
      'localhost',
      'localhost:0',
      'localhost:65536',
      'a b:1',
      'a:b:1',
      '[a]:1',
      'a:1\r\nX: y',
      5,
      null,
      {},
      { path: '/x' },
    ].map((target) => [`target ${JSON.stringify(target)}`, () => httpConnect(unchecked(target))] as const),
    ...['', 'a\r\nb', 'ä€', 5, {}, null].map(
      (authorization) =>
        [
          `authorization ${JSON.stringify(authorization)}`,
          () => httpConnect('a:1', unchecked({ authorization })),
        ] as const,
    ),
    ['another option', () => httpConnect('a:1', unchecked({ user: 'x' }))],
    ...[0, 3, '1', undefined].map(
      (version) => [`version ${version}`, () => proxyHeader(unchecked({ version }))] as const,
    ),
    ['no options', () => proxyHeader(unchecked(undefined))],
  ];
  it.for(wrong)('%s', ([, call]) => {
    expect(call).toThrow(OptionError);
  });

  it('a pattern that is none', async () => {
    await expect(expectAnswer(unchecked({}), unchecked('x'))).rejects.toThrow(OptionError);
  });

  it('targets in their forms', () => {
    expect(httpConnect('a.test:1').target).toBe('a.test:1');
    expect(httpConnect('[::1]:1').target).toBe('[::1]:1');
    expect(httpConnect({ host: '::1', port: 1 }).target).toBe('[::1]:1');
  });
});
