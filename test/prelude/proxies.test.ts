import { beforeAll, describe, expect } from 'vitest';
import { socks } from '../../examples/preludes/socks.js';
import { imap, postgresql, smtp, xmpp } from '../../examples/preludes/starttls.js';
import { constant, OptionError, type ConnectionOptions, type Prelude } from '../../src/index.js';
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

const request = 'CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n'.length;
const noAnswer = Buffer.alloc(0);

/** What a proxy does, and the failed dial or the end of the connection that it leads to. */
const outcomes: readonly {
  readonly what: string;
  readonly prelude: () => Prelude;
  readonly steps: readonly Step[];
  readonly how?: 'end' | 'silence';
  readonly phase: 'prelude' | 'tls';
  readonly isFatal?: boolean;
  readonly cause: object;
}[] = [
  {
    what: 'CONNECT: the proxy refuses',
    prelude: () => httpConnect('localhost:1'),
    steps: [request, 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'],
    phase: 'prelude',
    cause: { message: 'the proxy answered "403 Forbidden"', statusCode: 403 },
  },
  {
    what: 'CONNECT: the target is unknown',
    prelude: () => httpConnect('localhost:1'),
    steps: [request, 'HTTP/1.1 502 Bad Gateway\r\n\r\n'],
    phase: 'prelude',
    cause: { statusCode: 502 },
  },
  {
    what: 'CONNECT: the password is wrong',
    prelude: () => httpConnect('localhost:1', { authorization: 'x' }),
    steps: [
      request + 'Proxy-Authorization: x\r\n'.length,
      'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
    ],
    phase: 'prelude',
    isFatal: true,
    cause: { code: 'CONNMAN_FATAL', statusCode: 407 },
  },
  {
    what: 'CONNECT: the password of then is wrong',
    prelude: () => httpConnect('localhost:1', { authorization: () => Promise.resolve('x') }),
    steps: [
      request + 'Proxy-Authorization: x\r\n'.length,
      'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
    ],
    phase: 'prelude',
    cause: { statusCode: 407 },
  },
  {
    what: 'CONNECT: the proxy speaks something else',
    prelude: () => httpConnect('localhost:1'),
    steps: [request, 'x'.repeat(70_000)],
    phase: 'prelude',
    cause: { message: expect.stringContaining('no end of an answer') as string },
  },
  {
    what: 'CONNECT: the proxy is silent',
    prelude: () => httpConnect('localhost:1'),
    steps: [request],
    how: 'silence',
    phase: 'prelude',
    cause: { code: 'CONNMAN_TIMEOUT' },
  },
  {
    what: 'CONNECT: FIN in between',
    prelude: () => httpConnect('localhost:1'),
    steps: [request, 'HTTP/1.1 200'],
    how: 'end',
    phase: 'prelude',
    cause: { code: 'ECONNRESET', message: expect.stringContaining('after "HTTP/1.1 200"') as string },
  },
  {
    what: 'CONNECT: the certificate is for another name',
    prelude: () => httpConnect('other.test:1'),
    steps: [request + 2, 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
    phase: 'tls',
    cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  },
  {
    what: 'SOCKS: the target is unknown',
    prelude: () => socks({ host: 'localhost', port: 1 }),
    steps: [3, Buffer.from([5, 0]), 16, Buffer.from([5, 4, 0, 1, 0, 0, 0, 0, 0, 0])],
    phase: 'prelude',
    cause: { message: expect.stringContaining('HostUnreachable') as string },
  },
  {
    what: 'SOCKS 4: the proxy refuses',
    prelude: () => socks({ host: 'localhost', port: 1 }, { type: 4 }),
    steps: [19, Buffer.from([0, 91, 0, 0, 0, 0, 0, 0])],
    phase: 'prelude',
    cause: { message: expect.stringContaining('Failed') as string },
  },
  {
    what: 'SOCKS: the password is wrong',
    prelude: () => socks({ host: 'localhost', port: 1 }, { userId: 'user', password: 'pass' }),
    steps: [4, Buffer.from([5, 2]), 11, Buffer.from([1, 1])],
    phase: 'prelude',
    isFatal: true,
    cause: { code: 'CONNMAN_FATAL' },
  },
  {
    what: 'STARTTLS: the server refuses',
    prelude: () => smtp,
    steps: ['220 hi\r\n', 16, '250 hi\r\n', 10, '454 TLS not available\r\n'],
    phase: 'prelude',
    cause: { message: 'the peer answered "454 TLS not available"' },
  },
  {
    what: 'STARTTLS: FIN in between',
    prelude: () => smtp,
    steps: ['220 hi\r\n', 16, noAnswer],
    how: 'end',
    phase: 'prelude',
    cause: { code: 'ECONNRESET', message: expect.stringContaining('without an answer') as string },
  },
];

describe('exact code and phase:', () => {
  it.for(outcomes)('$what', async ({ prelude, steps, how, phase, isFatal, cause }, { manager }) => {
    await using server = await startFaultServer({ tls: certs.localhost });
    await using front = await Front.start(steps, server.port);
    const after = steps.reduce<number>(
      (sum, step) => sum + (typeof step === 'number' ? step : step.length),
      0,
    );
    if (how) front.cuts.push({ after, how });
    const handler = new Recorder();
    const shown = { ...atOnce, connectTimeout: how === 'silence' ? 100 : 10_000 };
    manager.connect(front.port, 'localhost', handler, { ...shown, prelude: prelude() });
    await handler.until(isFatal ? 'close' : 'retry');
    const error = isFatal ? handler.closings[0]?.error : handler.failures[0]?.error;
    expect(error).toMatchObject({ name: 'DialError', code: 'CONNMAN_DIAL', phase, cause });
    expect(handler.closings.map(({ code }) => code)).toEqual(isFatal ? ['fatal'] : []);
    expect(handler.events).toEqual([isFatal ? 'close' : 'retry']);
  });
});

describe('a target', () => {
  const answers = { dead: 'HTTP/1.1 504 Gateway Timeout\r\n\r\n', live: 'HTTP/1.1 200 OK\r\n\r\n' };

  it('is named where the proxy is, and does not slow another when it is dead', async ({
    manager,
    server,
  }) => {
    const { createServer } = await import('node:net');
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
