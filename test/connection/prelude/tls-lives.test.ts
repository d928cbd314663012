import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect } from 'vitest';
import { socks } from '../../../examples/preludes/socks.js';
import { smtp } from '../../../examples/preludes/starttls.js';
import { constant, type ManagedSocket, type Prelude } from '../../../src/index.js';
import { httpConnect, proxyHeader } from '../../../src/prelude/index.js';
import { startFaultServer } from '../../../src/testing/index.js';
import { certificates, type Certificates } from '../../support/certificates.js';
import { it, until } from '../../support/fixtures.js';
import { repeat } from '../../support/repeat.js';
import { SessionRecorder } from '../tls/session-recorder.js';
import { Front, lengthOf, notTls, type Step } from './front.js';

let certs: Certificates;

beforeAll(async () => {
  certs = await certificates();
});

const lives = 50;
const secret = 'SECRET-IN-PLAIN-TEXT';

interface Kind {
  readonly what: string;
  /** The target, where the prelude has one. */
  readonly prelude: (port: number) => Prelude;
  readonly steps: (port: number) => readonly Step[];
}

const accepted = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

const kinds: readonly Kind[] = [
  {
    what: 'CONNECT',
    prelude: (port) => httpConnect(`localhost:${port}`, { authorization: 'Basic dXNlcjpwYXNz' }),
    steps: (port) => [
      `CONNECT localhost:${port} HTTP/1.1\r\nHost: localhost:${port}\r\n`.length +
        'Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n'.length,
      'HTTP/1.1 200 Connection established\r\nVia: 1.1 front\r\n\r\n',
    ],
  },
  {
    what: 'SOCKS 5',
    prelude: (port) => socks({ host: 'localhost', port }, { userId: 'user', password: 'pass' }),
    steps: () => [4, Buffer.from([5, 2]), 11, Buffer.from([1, 0]), 16, accepted],
  },
  {
    what: 'SOCKS 4',
    prelude: (port) => socks({ host: 'localhost', port }, { type: 4 }),
    steps: () => [19, Buffer.from([0, 90, 0, 0, 0, 0, 0, 0])],
  },
  { what: 'PROXY, version 2', prelude: () => proxyHeader({ version: 2 }), steps: () => [28] },
  {
    what: 'STARTTLS',
    prelude: () => smtp,
    steps: () => ['220-mail\r\n220 ESMTP\r\n', 16, '250-localhost\r\n250 STARTTLS\r\n', 10, '220 go on\r\n'],
  },
];

function listenerCounts(socket: ManagedSocket): Record<string, number> {
  return Object.fromEntries(
    socket.eventNames().map((name) => [String(name), socket.listenerCount(name as 'data')]),
  );
}

describe.each(kinds)('$what before TLS', ({ prelude, steps }) => {
  const isSilent = steps(1).every((step) => typeof step === 'number');

  it(`${lives} lives, with drops at every byte of it`, async ({ manager }) => {
    await using server = await startFaultServer({ tls: certs.localhost });
    const dialogue = steps(server.port);
    await using front = await Front.start(dialogue, server.port);
    const total = lengthOf(dialogue);
    const handler = new SessionRecorder();
    const connection = manager.connect(
      { host: '127.0.0.1', port: front.port, servername: 'localhost' },
      handler,
      {
        backoff: constant(0),
        stableAfter: 0,
        tls: { ca: certs.ca },
        prelude: prelude(server.port),
      },
    );
    const held = new Set<ManagedSocket>();
    const shout = (): void => {
      held.add(connection.socket);
      for (const socket of held)
        if (socket !== connection.socket || connection.state !== 'ready') socket.write(secret);
    };
    shout();
    let listeners: Record<string, number> | undefined;
    let at = 0;
    await repeat(lives, async (round) => {
      await handler.until(round ? 'reconnect' : 'connect', round || 1);
      const socket = connection.socket as unknown as TLSSocket;
      shout();
      connection.socket.write('ping');
      await until(() => handler.input[round] === 'ping' && (round > 0 || handler.sessions[0] !== 0));
      expect(socket.encrypted && socket.authorized).toBe(true);
      expect(socket.getProtocol()).toBe('TLSv1.3');
      expect(socket.isSessionReused(), `life ${round + 1}`).toBe(round > 0);
      listeners ??= listenerCounts(connection.socket);
      expect(listenerCounts(connection.socket)).toEqual(listeners);
      // Each byte once, over all lives; none in the last one.
      for (const last = Math.ceil((total * (round + 1)) / (lives - 1)); at < Math.min(last, total); at += 1) {
        front.cuts.push({ after: at, how: at % 2 ? 'end' : 'reset' });
      }
      front.dropAll(round % 2 ? 'end' : 'reset');
      await handler.until('reset', round + 1);
      shout();
    });
    expect(at).toBe(total);
    await handler.until('reconnect', lives);
    expect(handler.failures).toHaveLength(total);
    for (const { phase, error } of handler.failures) {
      expect(error.code).toBe('CONNMAN_DIAL');
      // A reset may come with the connection, and a prelude that waits for no answer is over by then.
      if ((error.cause as NodeJS.ErrnoException).code === 'ECONNRESET')
        expect(isSilent ? ['tls', 'connect', 'prelude'] : ['connect', 'prelude']).toContain(phase);
      else expect(phase).toBe('prelude');
    }
    expect(handler.failures.some(({ phase }) => phase === (isSilent ? 'tls' : 'prelude'))).toBe(true);
    expect(front.sniffed.length).toBeGreaterThanOrEqual(lives + 1);
    for (const chunks of front.sniffed) {
      const bytes = Buffer.concat(chunks);
      expect(notTls(bytes)).toBeUndefined();
      expect(bytes.includes(secret)).toBe(false);
    }
    expect(front.said.some((bytes) => bytes.includes(secret))).toBe(false);
  });

  it('each byte of it may come alone', async ({ manager }) => {
    await using server = await startFaultServer({ tls: certs.localhost });
    await using front = await Front.start(steps(server.port), server.port, true);
    const handler = new SessionRecorder();
    const connection = manager.connect(
      { host: '127.0.0.1', port: front.port, servername: 'localhost' },
      handler,
      {
        tls: { ca: certs.ca },
        prelude: prelude(server.port),
      },
    );
    await connection.ready();
    connection.socket.write('ping');
    await until(() => handler.input[0] === 'ping');
    expect(handler.failures).toEqual([]);
  });
});
