import { createServer, type Server, type TlsOptions as ServerOptions } from 'node:tls';
import type { AddressInfo, Socket } from 'node:net';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect } from 'vitest';
import { constant, type TlsOptions } from '../../../src/index.js';
import { end, startFaultServer } from '../../../src/testing/index.js';
import { certificates, type Certificates } from '../../support/certificates.js';
import { it as plainIt, until } from '../../support/fixtures.js';
import { SessionRecorder } from './session-recorder.js';
import { Recorder } from '../../support/recorder.js';

let certs: Certificates;

beforeAll(async () => {
  certs = await certificates();
});

const boom = new Error('boom');
const foreign: unknown = runInNewContext('new Error("of another realm")');

function fail(thrown: unknown): never {
  throw thrown;
}

/** What a callback of the user's does, and the message of the failed dial that it leads to. */
const troubles = [
  { what: 'throws', act: () => fail(boom), message: 'boom' },
  { what: 'throws a text', act: () => fail('no error'), message: 'no error' },
  { what: 'throws nothing', act: () => fail(undefined), message: 'undefined' },
  { what: 'throws an error of another realm', act: () => fail(foreign), message: 'of another realm' },
  { what: 'returns true', act: () => true, message: 'got true' },
  { what: 'returns a text', act: () => 'wrong name', message: 'got a string of 10 characters' },
  { what: 'is asynchronous', act: () => Promise.resolve(), message: 'got a promise' },
  { what: 'is asynchronous, and rejects', act: () => Promise.reject(boom), message: 'got a promise' },
];

type Listen = (options: ServerOptions) => Promise<number>;

const it = plainIt.extend<{ listen: Listen }>({
  // oxlint-disable-next-line no-empty-pattern
  listen: async ({}, use) => {
    const servers: Server[] = [];
    const sockets: Socket[] = [];
    await use(async (options) => {
      const server = createServer(options, (socket) => {
        sockets.push(socket.on('error', () => undefined).resume());
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    });
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  },
});

describe('a checkServerIdentity', () => {
  const checks = [
    ...troubles,
    { what: 'returns an error', act: () => boom, message: 'boom' },
    { what: 'returns an error of another realm', act: () => foreign, message: 'of another realm' },
  ];

  it.for(checks)('that $what makes the dial fail', async ({ act, message }, { manager }) => {
    await using server = await startFaultServer({ tls: certs.localhost });
    const handler = new Recorder();
    const tls = { ca: certs.ca, checkServerIdentity: act as TlsOptions['checkServerIdentity'] };
    manager.connect(server.port, 'localhost', handler, { tls, backoff: constant(0) });
    await handler.until('retry', 2);
    expect(handler.failures[0]).toMatchObject({ phase: 'tls' });
    expect(handler.failures[0]?.error.message).toContain(message);
    expect(handler.count('connect')).toBe(0);
  });

  it.for([troubles[0], troubles[4], troubles[7]])(
    'that $what makes the dial fail although the server need not be authorized',
    async (trouble, { manager }) => {
      await using server = await startFaultServer({ tls: certs.localhost });
      const handler = new Recorder();
      const checkServerIdentity = trouble?.act as TlsOptions['checkServerIdentity'];
      const tls = { ca: certs.ca, rejectUnauthorized: false, checkServerIdentity };
      manager.connect(server.port, 'localhost', handler, { tls, backoff: constant(0) });
      await handler.until('retry', 2);
      expect(handler.failures[0]?.error.message).toContain(trouble?.message);
      expect(handler.count('connect')).toBe(0);
    },
  );

  it('is asked in each life, with the certificate', async ({ manager }) => {
    await using server = await startFaultServer({ tls: certs.localhost });
    const handler = new SessionRecorder();
    const asked: unknown[] = [];
    const checkServerIdentity: TlsOptions['checkServerIdentity'] = (host, certificate) => {
      asked.push([host, certificate.subject.CN]);
      return undefined;
    };
    const tls = { ca: certs.ca, checkServerIdentity };
    manager.connect(server.port, 'localhost', handler, { tls, backoff: constant(0) });
    for (let life = 1; life <= 3; life += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await until(() => (handler.sessions[life - 1] ?? 0) > 0);
      server.dropAll('end');
    }
    await handler.until('reconnect', 3);
    expect(asked).toEqual(Array.from({ length: 4 }, () => ['localhost', 'localhost']));
  });

  it('that disconnects ends the connection', async ({ manager }) => {
    await using server = await startFaultServer({ tls: certs.localhost, script: () => end() });
    const handler = new Recorder();
    const checkServerIdentity = (): undefined => void connection.disconnect();
    const connection = manager.connect(server.port, 'localhost', handler, {
      tls: { ca: certs.ca, checkServerIdentity },
    });
    await handler.until('close');
    expect(handler.events).toEqual(['close']);
  });
});

describe('a pskCallback', () => {
  const key = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  const ciphers = 'PSK';
  const version = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
  const psk = { ciphers, ...version, checkServerIdentity: () => undefined };
  const listenForPsk = (listen: Listen): Promise<number> =>
    listen({ ciphers, ...version, pskCallback: (_, identity) => (identity === 'me' ? key : null) });

  it('gives the key, in each life', async ({ listen, manager }) => {
    const handler = new Recorder();
    const tls = { ...psk, pskCallback: () => ({ psk: key, identity: 'me' }) };
    const connection = manager.connect(await listenForPsk(listen), '127.0.0.1', handler, {
      tls,
      backoff: constant(0),
    });
    await connection.ready();
    connection.reset();
    await handler.until('reconnect');
    expect(handler.failures).toEqual([]);
  });

  it.for([
    ...troubles,
    { what: 'returns no key', act: () => ({ identity: 'me' }), message: 'got an object' },
    { what: 'returns no name', act: () => ({ psk: key }), message: 'got an object' },
    {
      what: 'returns a long key',
      act: () => ({ psk: Buffer.alloc(513), identity: 'me' }),
      message: 'got an object',
    },
    { what: 'returns null', act: () => null, message: '' },
  ])('that $what makes the dial fail', async ({ act, message }, { listen, manager }) => {
    const handler = new Recorder();
    const tls = { ...psk, pskCallback: act as TlsOptions['pskCallback'] };
    manager.connect(await listenForPsk(listen), '127.0.0.1', handler, { tls, backoff: constant(0) });
    await handler.until('retry', 2);
    expect(handler.failures[0]).toMatchObject({ phase: 'tls' });
    expect(handler.failures[0]?.error.message).toContain(message);
    expect(handler.failures[0]?.error.message).not.toContain('<Buffer');
    expect(handler.count('connect')).toBe(0);
  });
});
