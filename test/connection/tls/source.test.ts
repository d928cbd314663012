import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect } from 'vitest';
import {
  constant,
  type CloseReason,
  OptionError,
  type ConnectionOptions,
  type TlsOptions,
  type TlsSource,
} from '../../../src/index.js';
import { startFaultServer } from '../../../src/testing/index.js';
import { unchecked } from '../../support/call.js';
import { certificates, type Certificates } from '../../support/certificates.js';
import { it, until } from '../../support/fixtures.js';
import { SessionRecorder } from './session-recorder.js';

let certs: Certificates;

beforeAll(async () => {
  certs = await certificates();
});

const atOnce: ConnectionOptions = { backoff: constant(0), stableAfter: 0 };

describe.each(['no prelude', 'a prelude'])('tls as a function, with %s', (what) => {
  const options: ConnectionOptions = { ...atOnce, ...(what === 'a prelude' && { prelude: () => undefined }) };

  it('lives 1, 2 and 3 show the certificates of then; sessions serve as long as nothing changes', async ({
    manager,
  }) => {
    await using server = await startFaultServer({
      tls: { ...certs.localhost, ca: certs.ca, requestCert: true, rejectUnauthorized: false },
    });
    const shown = [certs.client, certs.a, certs.b, { ...certs.b }];
    let asked = 0;
    const tls: TlsSource = async (endpoint, { signal }) => {
      expect(endpoint).toEqual({ host: 'localhost', port: server.port });
      expect(signal.aborted).toBe(false);
      const identity = shown[asked] ?? certs.b;
      asked += 1;
      return { ca: [certs.ca], ...identity };
    };
    const handler = new SessionRecorder();
    const connection = manager.connect(server.port, 'localhost', handler, { ...options, tls });
    const names: string[] = [];
    const reused: boolean[] = [];
    for (let life = 1; life <= 4; life += 1) {
      await handler.until(life === 1 ? 'connect' : 'reconnect', Math.max(1, life - 1));
      const peer = (await server.accept(life)).socket as TLSSocket;
      connection.socket.write('ping');
      await until(
        () => handler.input[life - 1] === 'ping' && (life === 4 || (handler.sessions[life - 1] ?? 0) > 0),
      );
      reused.push((connection.socket as unknown as TLSSocket).isSessionReused());
      names.push(reused.at(-1) ? 'resumed' : String(peer.getPeerCertificate().subject?.CN));
      server.dropAll('end');
      await handler.until('reset', life);
    }
    expect(names).toEqual(['client', 'a.test', 'b.test', 'resumed']);
    expect(reused).toEqual([false, false, false, true]);
  });

  const troubles: Readonly<Record<string, TlsSource>> = {
    throws: () => {
      throw new Error('boom');
    },
    rejects: () => Promise.reject(Object.assign(new Error('boom'), { code: 'ECONNREFUSED' })),
    hangs: (_endpoint, { signal }) => once(signal, 'abort').then(() => new Promise(() => undefined)),
  };
  for (const [trouble, source] of Object.entries(troubles)) {
    it(`a function that ${trouble} is a failed dial, of its owner alone`, async ({ manager }) => {
      await using server = await startFaultServer({ tls: certs.localhost });
      const handler = new SessionRecorder();
      let asked = 0;
      const tls: TlsSource = (endpoint, context) =>
        ++asked < 3 ? source(endpoint, context) : { ca: certs.ca };
      const connectTimeout = trouble === 'hangs' ? 100 : 10_000;
      const connection = manager.connect(server.port, 'localhost', handler, {
        ...options,
        tls,
        connectTimeout,
      });
      await handler.until('retry', 2);
      // The endpoint itself is well: another connection does not wait.
      const other = manager.connect(server.port, 'localhost', new SessionRecorder(), {
        backoff: constant(60_000),
        tls: { ca: certs.ca },
      });
      await other.ready();
      await handler.until('connect');
      expect(handler.failures).toMatchObject([{ phase: 'tls' }, { phase: 'tls' }]);
      const message =
        trouble === 'hangs'
          ? /within 100 ms: the function that is the option tls has not answered$/
          : /boom$/;
      for (const { error } of handler.failures) expect(error.message).toMatch(message);
      expect(connection.stats().failures).toMatchObject({ tls: 2, connect: 0 });
    });
  }

  const wrong: Readonly<Record<string, unknown>> = {
    nothing: undefined,
    'another option': { host: 'a.test' },
    'a session': { session: Buffer.alloc(1) },
    'a wrong key': { key: 'no key' },
    'a wrong name': { servername: 'a b' },
    onread: { onread: { buffer: Buffer.alloc(1), callback: () => true } },
  };
  it.for(Object.entries(wrong))('the answer %s is fatal', async ([, answer], { manager, server }) => {
    const handler = new SessionRecorder();
    const tls: TlsSource = () => unchecked<TlsOptions>(answer);
    manager.connect(server.port, 'localhost', handler, { ...options, tls });
    await handler.until('close');
    const [closing] = handler.closings;
    expect(closing).toMatchObject({ code: 'fatal', error: { name: 'DialError', phase: 'tls' } });
    expect((closing as CloseReason & { error: Error }).error.cause).toBeInstanceOf(OptionError);
    expect((closing as CloseReason & { error: Error }).error.message).toContain('the result of options.tls');
    expect(server.accepted).toBe(0);
  });

  it('is asked in pools, and not dialled once it is called off', async ({ manager }) => {
    await using server = await startFaultServer({ tls: certs.localhost });
    let answer: ((options: TlsOptions) => void) | undefined;
    const asked: unknown[] = [];
    const pool = manager.createPool('asking', () => new SessionRecorder(), {
      ...options,
      tls: (endpoint) => (asked.push(endpoint), new Promise<TlsOptions>((resolve) => (answer = resolve))),
    });
    pool.addConnection(server.port, 'localhost');
    await until(() => answer !== undefined);
    const closing = pool.disconnect();
    answer?.({ ca: certs.ca });
    await closing;
    expect(server.accepted).toBe(0);
    const found = manager.createPool('found', () => new SessionRecorder(), {
      ...options,
      tls: () => ({ ca: certs.ca }),
      allowEndpoint: ({ servername }) => servername === 'localhost',
      discovery: {
        async *[Symbol.asyncIterator]() {
          yield [{ host: '127.0.0.1', port: server.port, servername: 'localhost' }];
        },
      },
    });
    await found.ready();
    const peer = (await server.accept(1)).socket as TLSSocket & { servername: string };
    expect(peer.servername).toBe('localhost');
    await found.disconnect({ grace: 0 });
  });
});
