import { randomBytes } from 'node:crypto';
import type { TlsOptions, TLSSocket } from 'node:tls';
import { beforeAll, describe, expect } from 'vitest';
import { constant, TimeoutError, type ConnectionOptions, type DialFailure } from '../../../src/index.js';
import { end, garbage, greet, silent, startFaultServer, type Fault } from '../../../src/testing/index.js';
import { certificates, type Certificates } from '../../support/certificates.js';
import { it, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { SessionRecorder } from './session-recorder.js';
import { repeat } from '../../support/repeat.js';
import { perRing } from '../../support/per-ring.js';

const lives = perRing({ short: 10, soak: 50 });

let certs: Certificates;
let options: ConnectionOptions;

beforeAll(async () => {
  certs = await certificates();
  options = { backoff: constant(0), connectTimeout, tls: { ca: certs.ca, minVersion: 'TLSv1.3' } };
});

/** For the mute server only: the others fail of themselves. */
const connectTimeout = 250;

interface Trouble {
  readonly what: string;
  /** How the server speaks TLS, if it does; and what it does when it does not. */
  readonly tls?: (certs: Certificates) => TlsOptions;
  readonly script?: Fault;
  readonly cause: object;
}

const troubles: readonly Trouble[] = [
  {
    what: 'self-signed',
    tls: ({ selfSigned }) => selfSigned,
    cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  },
  { what: 'expired', tls: ({ expired }) => expired, cause: { code: 'CERT_HAS_EXPIRED' } },
  { what: 'another name', tls: ({ a }) => a, cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } },
  {
    what: 'another version',
    tls: ({ localhost }) => ({ ...localhost, maxVersion: 'TLSv1.2' }),
    cause: { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' },
  },
  {
    what: 'a plain server',
    script: greet('220 hello\r\n'),
    cause: { code: expect.stringMatching(/^ERR_SSL_/) as string },
  },
  { what: 'noise', script: garbage(500), cause: { code: expect.stringMatching(/^ERR_SSL_/) as string } },
  { what: 'FIN in the handshake', script: end(), cause: { code: 'ECONNRESET' } },
  {
    what: 'a mute server',
    script: silent(),
    cause: {
      name: 'TimeoutError',
      message: `no connection within ${connectTimeout} ms: TCP is up, but the TLS handshake is not done`,
    },
  },
];

/** With the keys of the other connections, a session would be resumed, and nobody would show a certificate. */
function withOwnSessions(tls: TlsOptions | undefined): TlsOptions | undefined {
  return tls && { ...tls, ticketKeys: randomBytes(48) };
}

function expectFailure(failure: DialFailure | undefined, { cause }: Trouble): void {
  expect(failure).toMatchObject({ phase: 'tls', error: { name: 'DialError', phase: 'tls', cause } });
  expect(failure?.error.message).toContain(
    (failure?.error.cause as Error | undefined)?.message ?? 'no cause',
  );
}

describe(`TLS that fails, on life 1, 2 and ${lives}`, () => {
  it.for(troubles)('$what', async (trouble, { manager }) => {
    // Each good life follows a bad dial; the first of all is bad.
    const isBad = (connection: number): boolean => [1, 3, lives + 2].includes(connection);
    await using server = await startFaultServer({
      tls: (connection) => (isBad(connection) ? withOwnSessions(trouble.tls?.(certs)) : certs.localhost),
      script: (connection) => (isBad(connection) && trouble.script) || greet('hi'),
    });
    const handler = new Recorder();
    const patience = { connectTimeout: trouble.what === 'a mute server' ? connectTimeout : 10_000 };
    const connection = manager.connect(server.port, 'localhost', handler, { ...options, ...patience });
    await handler.until('connect');
    expect(handler.events[0]).toBe('retry');
    await repeat(lives, async (round) => {
      await handler.until('data', round + 1);
      server.dropAll('end');
      await handler.until('reconnect', round + 1);
    });
    expect(connection.life).toBe(lives + 1);
    expect(handler.failures).toHaveLength(3);
    for (const failure of handler.failures) expectFailure(failure, trouble);
    expect(handler.errors).toEqual([]);
    await connection.disconnect();
  });

  it('the mute server is left when connectTimeout is over, not later', async ({ manager }) => {
    await using server = await startFaultServer({ script: () => silent() });
    const handler = new Recorder();
    const start = performance.now();
    const connection = manager.connect(server.port, 'localhost', handler, { ...options, maxAttempts: 1 });
    await handler.until('close');
    expect(performance.now() - start).toBeGreaterThanOrEqual(connectTimeout - 2);
    expect((handler.closings[0]?.error as Error | undefined)?.cause).toBeInstanceOf(TimeoutError);
    expect(connection.life).toBe(0);
  });

  it('TCP that fails under TLS is told as TCP', async ({ manager, server }) => {
    await server.refuse();
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler, options);
    await handler.until('retry');
    expect(handler.failures[0]).toMatchObject({
      phase: 'connect',
      error: { cause: { code: 'ECONNREFUSED' } },
    });
  });

  it('a lookup that fails is told as a lookup', async ({ manager, server }) => {
    const handler = new Recorder();
    const lookup = (_: string, __: object, answer: (error: Error) => void): void =>
      answer(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    manager.connect(server.port, 'name.test', handler, { ...options, lookup: lookup as never });
    await handler.until('retry');
    expect(handler.failures[0]).toMatchObject({ phase: 'lookup', error: { cause: { code: 'ENOTFOUND' } } });
  });

  it('connman changes nothing about whom to trust', async ({ manager }) => {
    await using server = await startFaultServer({ tls: certs.selfSigned });
    const handler = new SessionRecorder();
    const tls = { rejectUnauthorized: false };
    const connection = manager.connect(server.port, 'localhost', handler, { backoff: constant(0), tls });
    await repeat(3, async (round) => {
      await connection.ready();
      connection.socket.write('x');
      await until(() => handler.input[round] === 'x' && (handler.sessions[round] ?? 0) > 0);
      // A session resumed would not be verified again, and pass for authorized.
      expect((connection.socket as unknown as TLSSocket).isSessionReused()).toBe(false);
      expect(connection.socket).toMatchObject({
        authorized: false,
        authorizationError: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      });
      server.dropAll('end');
      await handler.until('reset', round + 1);
    });
  });
});
