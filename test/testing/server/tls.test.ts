import { once } from 'node:events';
import { connect as connectPlainly, type Socket } from 'node:net';
import { connect, type ConnectionOptions, type TlsOptions, type TLSSocket } from 'node:tls';
import { describe, expect } from 'vitest';
import { ClosedError, OptionError } from '../../../src/primitives/errors.js';
import {
  end,
  type FaultServer,
  greet,
  startFaultServer,
  type TlsScript,
} from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { dial, expectNoHandles, handles, test, turns } from '../client.js';

expectNoHandles();

/** A server that has the certificate of localhost. */
async function startSecurely(tls: TlsOptions = {}): Promise<FaultServer> {
  const { localhost } = await certificates();
  return startFaultServer({ tls: { ...localhost, ...tls } });
}

/** A dial by hand; resolves when it is up, and rejects when it fails. */
async function secured(
  server: FaultServer,
  options: ConnectionOptions = {},
  onSession: (session: Buffer) => void = () => {},
): Promise<TLSSocket> {
  const { ca } = await certificates();
  const socket = connect({ host: server.host, port: server.port, ca, servername: 'localhost', ...options });
  socket.on('error', () => {}).on('session', onSession);
  socket.resume();
  await once(socket, 'secureConnect');
  return socket;
}

describe('a connection', () => {
  test('has what was agreed on: protocol, name, certificate of the client', async () => {
    const { ca, client } = await certificates();
    await using server = await startSecurely({ ca, requestCert: true, ALPNProtocols: ['two', 'one'] });
    const socket = await secured(server, { ...client, ALPNProtocols: ['one', 'three'] });
    const { tls, handshake, socket: own } = await server.accept(1);
    expect(own).toBe(tls);
    expect(handshake).toBe('done');
    expect([tls?.alpnProtocol, tls?.servername, tls?.authorized]).toEqual(['one', 'localhost', true]);
    expect(tls?.getPeerCertificate().subject.CN).toBe('client');
    socket.destroy();
  });

  test('without TLS has nothing of it', async () => {
    await using server = await startFaultServer();
    dial(server);
    const connection = await server.accept(1);
    expect([connection.tls, connection.handshake, server.failedHandshakes]).toEqual([undefined, 'none', []]);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'resumes the session of an earlier one (%s)',
    async (version) => {
      await using server = await startSecurely({ maxVersion: version });
      const sessions: Buffer[] = [];
      const first = await secured(server, {}, (session) => sessions.push(session));
      await expect.poll(() => sessions.length).toBeGreaterThan(0);
      first.destroy();
      const [session] = sessions;
      const second = await secured(server, { session });
      expect(second.isSessionReused()).toBe(true);
      expect((await server.accept(2)).tls?.isSessionReused()).toBe(true);
      second.destroy();
    },
  );

  test('reads what comes with the end of the handshake, also where it ends at once', async () => {
    await using server = await startSecurely({ minVersion: 'TLSv1.3' });
    server.script = () => end();
    const socket = await secured(server);
    socket.write('not ');
    socket.write('lost');
    expect(String(await (await server.accept(1)).receive(8))).toBe('not lost');
    socket.destroy();
  });

  test('may have TLS options of its own, or none', async () => {
    const { localhost, a, ca } = await certificates();
    const asked: number[] = [];
    const tls: TlsScript = (n) => {
      asked.push(n);
      return n === 2 ? undefined : n === 3 ? a : localhost;
    };
    await using server = await startFaultServer({ tls, script: (n) => greet(`${n}`) });
    expect(await dial(server, { ca }).read(1)).toBe('1');
    expect(await dial(server).read(1)).toBe('2');
    expect(await dial(server, { ca }).closed).toEqual(['ERR_TLS_CERT_ALTNAME_INVALID', 'close']);
    expect(asked).toEqual([1, 2, 3]);
  });

  test('is reset in the middle of what it sends', async () => {
    const { ca } = await certificates();
    await using server = await startSecurely();
    const client = dial(server, { ca });
    const connection = await server.accept(1);
    client.socket.pause();
    connection.write(Buffer.alloc(33_554_432));
    await turns(5);
    connection.reset();
    await connection.closed;
    client.socket.resume();
    expect((await client.closed).at(-1)).toBe('close');
    expect(client.chunks.join('').length).toBeLessThan(connection.sent);
  });
});

/** A client that speaks no TLS. */
function plain(server: FaultServer, speak: (socket: Socket) => void): void {
  const socket = connectPlainly(server.port, server.host, () => speak(socket));
  socket.on('error', () => {}).resume();
}

const clients: [string, string, TlsOptions, (server: FaultServer) => unknown][] = [
  [
    'the version',
    'ERR_SSL_UNSUPPORTED_PROTOCOL',
    { minVersion: 'TLSv1.3' },
    (server) => secured(server, { maxVersion: 'TLSv1.2' }),
  ],
  [
    'the protocol',
    'ERR_SSL_NO_APPLICATION_PROTOCOL',
    { ALPNProtocols: ['one'] },
    (server) => secured(server, { ALPNProtocols: ['two'] }),
  ],
  [
    'a certificate that is missing',
    'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
    { requestCert: true, maxVersion: 'TLSv1.2' },
    (server) => secured(server),
  ],
  [
    'plain text',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    {},
    (server) => plain(server, (socket) => socket.write('hello, world')),
  ],
  ['a FIN', 'ECONNRESET', {}, (server) => plain(server, (socket) => socket.end())],
  ['a RST', 'ECONNRESET', {}, (server) => plain(server, (socket) => socket.resetAndDestroy())],
  ['silence', 'ERR_TLS_HANDSHAKE_TIMEOUT', { handshakeTimeout: 1 }, (server) => plain(server, () => {})],
];

describe('a handshake', () => {
  test.each(clients)('that fails by %s is told of', async (_, code, tls, meet) => {
    await using server = await startSecurely(tls);
    const failing = Promise.resolve(meet(server)).catch(() => {});
    const connection = await server.accept(1);
    expect([connection.handshake, connection.error?.code]).toEqual(['failed', code]);
    await connection.closed;
    expect(server.failedHandshakes).toEqual([connection]);
    expect([connection.open, connection.received]).toEqual([false, 0]);
    await expect(connection.receive(1)).rejects.toThrow('the TLS handshake has failed');
    await failing;
  });

  test('that fails by the certificate of the client says why', async () => {
    const { client, selfSigned } = await certificates();
    const tls = { ca: selfSigned.cert, requestCert: true, maxVersion: 'TLSv1.2' } as const;
    await using server = await startSecurely(tls);
    const failing = secured(server, client).catch(() => {});
    const connection = await server.accept(1);
    expect([connection.handshake, connection.tls?.authorizationError]).toEqual([
      'failed',
      'SELF_SIGNED_CERT_IN_CHAIN',
    ]);
    await failing;
  });

  test('that fails has a number as any other', async () => {
    const { ca } = await certificates();
    const asked: number[] = [];
    await using server = await startSecurely();
    server.script = (n) => {
      asked.push(n);
      return greet(`${n}`);
    };
    plain(server, (socket) => socket.end());
    await server.accept(1);
    expect(await dial(server, { ca }).read(1)).toBe('2');
    expect([asked, server.accepted, server.failedHandshakes.length]).toEqual([[1, 2], 2, 1]);
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'of a client that refuses the certificate is over for accept() (%s)',
    async (maxVersion) => {
      const { selfSigned } = await certificates();
      await using server = await startSecurely({ ...selfSigned, maxVersion });
      await expect(secured(server)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      const connection = await server.accept(1);
      await connection.closed;
    },
  );

  test.each(['end', 'reset'] as const)('under way is ended by dropAll(%j)', async (how) => {
    await using server = await startSecurely();
    const mute = dial(server);
    await expect.poll(() => server.accepted).toBe(1);
    expect(server.connections[0]?.handshake).toBe('pending');
    server.dropAll(how);
    const connection = await server.accept(1);
    await connection.closed;
    expect(connection.handshake).toBe('failed');
    expect((await mute.closed).at(-1)).toBe('close');
  });

  test('under way is ended by close(), which rejects what waits for it and leaves nothing', async () => {
    const before = handles();
    const server = await startSecurely();
    const mute = dial(server);
    await expect.poll(() => server.accepted).toBe(1);
    const never = server.accept(1);
    const closing = server.close();
    await expect(never).rejects.toThrow(ClosedError);
    await closing;
    await mute.closed;
    expect(handles()).toEqual(before);
    expect(server.connections[0]?.handshake).toBe('failed');
  });

  test('a paused connection is read from only when it is resumed', async () => {
    const { ca } = await certificates();
    await using server = await startSecurely();
    const client = dial(server, { ca });
    await expect.poll(() => server.accepted).toBe(1);
    server.connections[0]?.pause();
    const connection = await server.accept(1);
    client.socket.write('abc');
    await turns(20);
    expect([connection.handshake, connection.received]).toEqual(['done', 0]);
    connection.resume();
    expect(await client.read(3)).toBe('abc');
  });
});

test.each([{ tls: true }, { tls: 'TLSv1.3' }, { tls: [] }])(
  'the options %o are refused at the call',
  (options) => {
    expect(() => startFaultServer(Object(options))).toThrow(OptionError);
  },
);

test('what Node.js does not accept as options of TLS is its error, at the call', () => {
  expect(() => startFaultServer({ tls: { minVersion: Object('TLSv7') } })).toThrow(
    expect.objectContaining({ code: 'ERR_TLS_INVALID_PROTOCOL_VERSION' }),
  );
});
