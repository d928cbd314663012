import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, vi } from 'vitest';
import {
  ClosedError,
  constant,
  type Connection,
  type ConnectionOptions,
  type ManagedSocket,
} from '../../../src/index.js';
import { end, greet, silent, startFaultServer, type ServerConnection } from '../../../src/testing/index.js';
import { certificates, type Certificates, type Identity } from '../../support/certificates.js';
import { it, until } from '../../support/fixtures.js';
import { SessionRecorder } from './session-recorder.js';
import { Recorder } from '../../support/recorder.js';
import { repeat } from '../../support/repeat.js';
import { outcome } from '../../support/socket-probe.js';
import { perRing } from '../../support/per-ring.js';

const lives = perRing({ short: 30, soak: 200 });

let certs: Certificates;
let ca: string;
let localhost: Identity;
let atOnce: ConnectionOptions;

beforeAll(async () => {
  certs = await certificates();
  ({ ca, localhost } = certs);
  atOnce = { backoff: constant(0), tls: { ca } };
});

function tlsSocket({ socket }: Connection): TLSSocket {
  expect(socket).toBeInstanceOf(TLSSocket);
  return socket as unknown as TLSSocket;
}

function listenerCounts(socket: TLSSocket): Record<string, number> {
  return Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]));
}

function pause(socket: ManagedSocket): void {
  socket.pause();
}

describe('over TLS', () => {
  it.for(['TLSv1.3', 'TLSv1.2'] as const)(
    `${lives} lives resume their session, with constant listeners: %s`,
    async (version, { manager }) => {
      const tls = { ...localhost, minVersion: version, maxVersion: version };
      await using server = await startFaultServer({ tls, script: () => greet('hello') });
      const handler = new SessionRecorder();
      const connection = manager.connect(server.port, 'localhost', handler, atOnce);
      await handler.until('connect');
      let listeners: Record<string, number> | undefined;
      await repeat(lives, async (round) => {
        // A resumed session may serve again, without a new one.
        await until(() => handler.input[round] === 'hello' && (round > 0 || handler.sessions[0] !== 0));
        const socket = tlsSocket(connection);
        expect(socket.authorized).toBe(true);
        expect(socket.getProtocol()).toBe(version);
        expect(socket.isSessionReused(), `life ${round + 1}`).toBe(round > 0);
        listeners ??= listenerCounts(socket);
        expect(listenerCounts(socket)).toEqual(listeners);
        server.dropAll(round % 2 ? 'end' : 'reset');
        await handler.until('reconnect', round + 1);
      });
      expect(new Set(handler.sockets).size, 'a socket for each life').toBe(lives + 1);
      expect(handler.sockets.at(-1)).toBe(connection.socket);
      expect(handler.failures).toEqual([]);
    },
  );

  it('a life is up when the link is secure, and its bytes are counted', async ({ manager }) => {
    await using server = await startFaultServer({ tls: localhost });
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'localhost', handler, atOnce);
    const before = connection.socket;
    expect(before.write('early')).toBe(false);
    expect(await outcome((done) => before.write('early', done))).toBeInstanceOf(ClosedError);
    expect(handler.events).toEqual([]);
    let drained = false;
    before.once('drain', () => (drained = true));
    await connection.ready();
    expect(connection.socket).toBe(before);
    expect(tlsSocket(connection).encrypted).toBe(true);
    await until(() => drained);
    connection.socket.write('hello');
    await until(() => handler.input[0] === 'hello');
    expect(server.connections[0]?.receivedBytes().toString()).toBe('hello');
    const { bytesRead } = connection.stats();
    expect(bytesRead).toBe(5);
    server.dropAll('end');
    await handler.until('reconnect');
    expect(connection.stats().bytesRead).toBeGreaterThanOrEqual(bytesRead);
  });

  it('the socket of a life that is over takes no write, and dials nothing', async ({ manager }) => {
    await using server = await startFaultServer({ tls: localhost });
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'localhost', handler, atOnce);
    await handler.until('connect');
    const old = connection.socket;
    server.dropAll('end');
    await handler.until('reconnect');
    expect(connection.socket).not.toBe(old);
    expect(old.write('late')).toBe(false);
    expect(await outcome((done) => old.write('late', done))).toBeInstanceOf(ClosedError);
    expect(await outcome((done) => old.end(done))).toBeInstanceOf(ClosedError);
    expect(old.connect(server.port, '127.0.0.1')).toBe(old);
    connection.socket.write('new');
    await until(() => handler.input[1] === 'new');
    expect(server.accepted).toBe(2);
    await old.disconnect();
    expect(connection.state).toBe('closed');
  });

  it('a socket that is destroyed takes no write, even before it is closed', async ({ manager }) => {
    await using server = await startFaultServer({ tls: localhost });
    const handler = new Recorder();
    const { socket } = manager.connect(server.port, 'localhost', handler, atOnce);
    await handler.until('connect');
    socket.destroy();
    const refused = outcome((done) => socket.write('late', done));
    expect(handler.count('reset')).toBe(0);
    expect(await refused).toBeInstanceOf(ClosedError);
  });

  it('noDelay and keepAlive are set for every socket', async ({ manager }) => {
    await using server = await startFaultServer({ tls: localhost });
    const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    const keepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive');
    onTestFinished(() => {
      noDelay.mockRestore();
      keepAlive.mockRestore();
    });
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'localhost', handler, {
      ...atOnce,
      keepAliveInitialDelay: 5_000,
    });
    await repeat(3, async (round) => {
      await handler.until(round ? 'reconnect' : 'connect', round || 1);
      const callsOn = (spy: Pick<typeof keepAlive, 'mock'>): unknown[][] =>
        spy.mock.calls.filter((_, index) => spy.mock.contexts[index] === (connection.socket as Socket));
      expect(callsOn(noDelay as never)).toEqual([[true]]);
      expect(callsOn(keepAlive)).toEqual([[true, 5_000]]);
      server.dropAll('end');
    });
  });

  it('what was not read goes with its life', async ({ manager }) => {
    await using server = await startFaultServer({ tls: localhost });
    const handler = { onConnect: pause, onReset: () => undefined, onReconnect: () => undefined };
    const connection = manager.connect(server.port, 'localhost', handler, atOnce);
    await connection.ready();
    const { socket } = connection;
    (await server.accept(1)).write('unread');
    await until(() => socket.readableLength > 0);
    socket.destroy();
    await until(() => connection.life === 2);
    expect(socket.read()).toBeNull();
  });

  it("disconnects, flushes and closes from each of the socket's and the connection's ways", async ({
    manager,
  }) => {
    await using server = await startFaultServer({ tls: localhost, script: () => silent() });
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'localhost', handler, atOnce);
    await connection.ready();
    const size = 3_000_000;
    connection.socket.write(Buffer.alloc(size));
    await connection.socket.disconnect();
    expect(server.connections[0]?.received).toBe(size);
    expect(handler.resets).toMatchObject([{ code: 'disconnect', unsentBytes: 0, willReconnect: false }]);
    expect(handler.closings).toMatchObject([{ code: 'disconnect', lives: 1 }]);
    const controller = new AbortController();
    controller.abort();
    const aborted = new Recorder();
    const options = { ...atOnce, signal: controller.signal };
    const never = manager.connect(server.port, 'localhost', aborted, options);
    expect(never.socket.destroyed).toBe(true);
    expect(never.socket.write('x', () => undefined)).toBe(false);
    expect(never.socket.connect(server.port)).toBe(never.socket);
    await never.socket.disconnect();
    expect(aborted.events).toEqual(['close']);
    expect(server.accepted).toBe(1);
  });

  it('ends of a life are told as over TCP', async ({ manager }) => {
    await using server = await startFaultServer({ tls: localhost, script: () => greet('hi') });
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'localhost', handler, atOnce);
    const cause = new Error('said the test');
    const ends: [string, () => unknown][] = [
      ['remote-end', () => server.dropAll('end')],
      ['error', () => server.dropAll('reset')],
      ['local-end', () => connection.socket.end()],
      ['local-end', () => connection.socket.destroy()],
      ['error', () => connection.socket.destroy(cause)],
      ['local-end', () => connection.socket.resetAndDestroy()],
      ['local-end', () => connection.socket.destroySoon()],
      ['requested', () => connection.reset(cause)],
    ];
    await repeat(ends.length, async (index) => {
      await until(() => handler.input[index] === 'hi');
      ends[index]?.[1]();
      await handler.until('reconnect', index + 1);
    });
    expect(handler.resets.map(({ code }) => code)).toEqual(ends.map(([code]) => code));
    expect(handler.resets[1]?.error).toMatchObject({ code: 'ECONNRESET' });
    expect(handler.resets[4]?.error).toBe(cause);
  });

  it('bytes that are no TLS end the life, with one error', async ({ manager }) => {
    const beneath: Socket[] = [];
    await using server = await startFaultServer({
      tls: localhost,
      script: (n) => {
        // Not the TLS socket yet.
        beneath.push((server.connections[n - 1] as ServerConnection).socket);
        return greet('hi');
      },
    });
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'localhost', handler, atOnce);
    await until(() => handler.input[0] === 'hi');
    const errors: Error[] = [];
    connection.socket.on('error', (error) => errors.push(error));
    beneath[0]?.write('not TLS');
    await until(() => handler.input[1] === 'hi');
    // Newer versions of OpenSSL have another name for it.
    const wrong = { code: expect.stringMatching(/^ERR_SSL_(WRONG_VERSION_NUMBER|BAD_RECORD_TYPE)$/) };
    expect(handler.resets).toMatchObject([{ code: 'error', error: wrong }]);
    expect(errors).toMatchObject([wrong]);
    expect(handler.failures).toEqual([]);
  });

  it('removing all listeners ends nothing', async ({ manager }) => {
    await using server = await startFaultServer({ tls: localhost });
    const handler = new Recorder();
    const connection = manager.connect(server.port, 'localhost', handler, atOnce);
    await connection.ready();
    // oxlint-disable-next-line no-restricted-properties -- what connman does when a program calls it is the question
    connection.socket.removeAllListeners();
    connection.socket.write('hello');
    await until(() => handler.input[0] === 'hello');
    server.dropAll('reset');
    await handler.until('reconnect');
    expect(handler.resets[0]?.code).toBe('error');
  });

  it('options pass: ALPN, client certificate, SNI, noDelay, timeout, unref()', async ({ manager }) => {
    const tls = { ...localhost, ca, requestCert: true, ALPNProtocols: ['two', 'one'] };
    await using server = await startFaultServer({ tls });
    const handler = new Recorder();
    const connection = manager.connect(server.port, '127.0.0.1', handler, {
      backoff: constant(0),
      tls: { ca, ...certs.client, ALPNProtocols: ['one'], servername: 'localhost' },
      timeout: 60_000,
    });
    connection.unref();
    await repeat(3, async (round) => {
      await handler.until(round ? 'reconnect' : 'connect', round || 1);
      const peer = (await server.accept(round + 1)).socket as TLSSocket;
      expect(peer.alpnProtocol).toBe('one');
      expect(tlsSocket(connection).alpnProtocol).toBe('one');
      expect(peer.authorized).toBe(true);
      expect(peer.getPeerCertificate().subject.CN).toBe('client');
      expect((peer as unknown as { servername: string }).servername).toBe('localhost');
      expect(connection.socket.timeout).toBe(60_000);
      server.dropAll('end');
      await handler.until('reset', round + 1);
    });
    connection.ref();
  });

  it('allowHalfOpen, onread and reuseReadBuffer hold', async ({ manager }) => {
    await using server = await startFaultServer({
      tls: localhost,
      script: (n) => (n < 3 ? [greet('hi'), end()] : greet('hi')),
    });
    const handler = new Recorder();
    const options = { ...atOnce, reuseReadBuffer: true, stableAfter: 0 };
    manager.connect(server.port, 'localhost', handler, options);
    await handler.until('reconnect', 2);
    await until(() => handler.input[2] === 'hi');
    const read: string[] = [];
    const buffer = Buffer.alloc(10);
    const mute = { onConnect: () => undefined, onReset: () => undefined, onReconnect: () => undefined };
    const onread = {
      buffer,
      callback: (length: number): boolean => {
        read.push(buffer.toString('latin1', 0, length));
        return true;
      },
    };
    manager.connect(server.port, 'localhost', mute, { ...atOnce, onread });
    await until(() => read.join('') === 'hi');
  });
});
