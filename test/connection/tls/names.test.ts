import type { LookupFunction } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect } from 'vitest';
import { constant, type ConnectionOptions, type Endpoint } from '../../../src/index.js';
import { greet, startFaultServer, type FaultServer } from '../../../src/testing/index.js';
import { certificates, type Identity } from '../../support/certificates.js';
import { it, until } from '../../support/fixtures.js';
import { SessionRecorder } from './session-recorder.js';
import { Recorder } from '../../support/recorder.js';
import { repeat } from '../../support/repeat.js';

let ca: string;
let a: Identity;
let b: Identity;
let localhost: Identity;
let options: ConnectionOptions;

beforeAll(async () => {
  ({ ca, a, b, localhost } = await certificates());
  options = { backoff: constant(0), stableAfter: 0, lookup, tls: { ca } };
});

/** Everybody is at home. */
const lookup: LookupFunction = (_name, { all }, answer) =>
  all ? answer(null, [{ address: '127.0.0.1', family: 4 }]) : answer(null, '127.0.0.1', 4);

function start(tls: object): Promise<FaultServer> {
  return startFaultServer({ tls, script: () => greet('hi') });
}

async function leave(server: FaultServer): Promise<void> {
  await server.refuse();
  server.dropAll('end');
}

describe('the name that is verified', () => {
  it('is the one the user gave, for each endpoint, after every fail-over', async ({ manager }) => {
    await using atA = await start(a);
    await using atB = await start(b);
    const endpoints: Endpoint[] = [
      { host: 'a.test', port: atA.port },
      { host: 'b.test', port: atB.port },
    ];
    const handler = new SessionRecorder();
    const connection = manager.connect(endpoints, handler, options);
    await repeat(10, async (round) => {
      await handler.until(round ? 'reconnect' : 'connect', round || 1);
      const [here, there] = round % 2 ? [atB, atA] : [atA, atB];
      await until(() => handler.input[round] === 'hi' && (round > 1 || handler.sessions[round] !== 0));
      const socket = connection.socket as unknown as TLSSocket;
      expect(socket.authorized).toBe(true);
      expect(connection.endpoint.host).toBe(round % 2 ? 'b.test' : 'a.test');
      // A resumed session shows no certificate.
      if (round < 2) expect(socket.getPeerCertificate().subject.CN).toBe(connection.endpoint.host);
      expect(socket.isSessionReused(), 'the session of that name, once there is one').toBe(round > 1);
      const peer = here.connections.at(-1)?.socket as TLSSocket & { servername: string };
      expect(peer.servername, 'asked for by SNI').toBe(connection.endpoint.host);
      await there.listen();
      await leave(here);
    });
    expect(handler.failures.every(({ phase }) => phase === 'connect')).toBe(true);
  });

  it('fails over from a peer with the certificate of another', async ({ manager }) => {
    await using impostor = await start(b);
    await using right = await start(b);
    const endpoints: Endpoint[] = [
      { host: 'a.test', port: impostor.port },
      { host: 'b.test', port: right.port },
    ];
    const handler = new Recorder();
    manager.connect(endpoints, handler, options);
    await handler.until('connect');
    expect(handler.failures).toMatchObject([
      { endpoint: endpoints[0], phase: 'tls', error: { cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } } },
    ]);
  });

  it('is never that of a session made under another name', async ({ manager }) => {
    // One server and one address under two names: Node.js 20 would take the session of the one for the other.
    await using server = await start(a);
    const endpoints: Endpoint[] = [
      { host: 'a.test', port: server.port },
      { host: 'evil.test', port: server.port },
    ];
    const handler = new SessionRecorder();
    const connection = manager.connect(endpoints, handler, options);
    await until(() => (handler.sessions[0] ?? 0) > 0);
    connection.reset(new Error('goes on to the other name'));
    await handler.until('reconnect');
    expect(handler.failures).toMatchObject([
      { endpoint: endpoints[1], error: { cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } } },
    ]);
    expect((connection.socket as unknown as TLSSocket).isSessionReused()).toBe(true);
  });

  it('is servername where that is given, and the address where no name is', async ({ manager }) => {
    await using server = await start(localhost);
    const connect = async (host: string, tls: object): Promise<unknown> => {
      const handler = new Recorder();
      const connection = manager.connect(server.port, host, handler, {
        ...options,
        tls: { ca, ...tls },
        maxAttempts: 1,
      });
      await connection.ready().catch(() => undefined);
      const { state } = connection;
      await connection.disconnect();
      return state === 'ready' ? state : (handler.closings[0]?.error as Error | undefined)?.cause;
    };
    expect(await connect('127.0.0.1', {})).toBe('ready');
    expect(await connect('other.test', { servername: 'localhost' })).toBe('ready');
    const wrong = { code: 'ERR_TLS_CERT_ALTNAME_INVALID' };
    expect(await connect('other.test', {})).toMatchObject(wrong);
    expect(await connect('localhost', { servername: 'other.test' })).toMatchObject(wrong);
    const refusal = new Error('not on my watch');
    expect(await connect('localhost', { checkServerIdentity: () => refusal })).toBe(refusal);
  });
});

describe('after a drop', () => {
  it('a server that listens in plain text never sees any', async ({ manager }) => {
    const secret = 'SECRET-PLAINTEXT';
    // Every second connection is in plain text, and echoes: what would be taken for an answer.
    await using server = await startFaultServer({
      tls: (connection) => (connection % 2 ? localhost : undefined),
    });
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'localhost', handler, options);
    const sockets = new Set<Recorder['sockets'][number]>();
    const shout = (): void => {
      sockets.add(connection.socket);
      for (const socket of sockets) socket.write(secret);
    };
    await repeat(20, async (round) => {
      await handler.until(round ? 'reconnect' : 'connect', round || 1);
      shout();
      await until(() => handler.input[round] === secret);
      server.dropAll(round % 2 ? 'end' : 'reset');
      shout();
      await handler.until('reset', round + 1);
      shout();
      for (const socket of sockets) socket.connect(server.port, '127.0.0.1');
      await handler.until('retry', round + 1);
      shout();
    });
    const plain = server.connections.filter((_, index) => index % 2 === 1);
    expect(plain.length).toBeGreaterThanOrEqual(20);
    for (const each of plain) {
      expect(each.received, 'the ClientHello').toBeGreaterThan(100);
      expect(each.receivedBytes().toString('latin1')).not.toContain(secret);
    }
  });
});
