import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, vi } from 'vitest';
import { constant, type Connection, type ConnectionOptions } from '../../../src/index.js';
import { startFaultServer } from '../../../src/testing/index.js';
import { certificates, expiringIn, type Certificates } from '../../support/certificates.js';
import { it, until } from '../../support/fixtures.js';
import { SessionRecorder } from './session-recorder.js';

let certs: Certificates;
let atOnce: ConnectionOptions;

beforeAll(async () => {
  certs = await certificates();
  atOnce = { backoff: constant(0), tls: { ca: certs.ca } };
});

function isResumed({ socket }: Connection): boolean {
  return (socket as unknown as TLSSocket).isSessionReused();
}

/** Sets the clock of the day for this process, but not for OpenSSL. */
function setClock(moment: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: moment });
  onTestFinished(() => void vi.useRealTimers());
}

const day = 86_400_000;

describe('a TLS session', () => {
  it.for(['TLSv1.3', 'TLSv1.2'] as const)(
    'ends with the certificate that it was made with, also where it was renewed by resumed lives: %s',
    async (version, { manager }) => {
      const tls = { ...certs.localhost, minVersion: version, maxVersion: version };
      await using server = await startFaultServer({ tls });
      const handler = new SessionRecorder();
      const connection = manager.connect(server.port, 'localhost', handler, atOnce);
      await until(() => (handler.sessions[0] ?? 0) > 0);
      const resumed: boolean[] = [];
      // The certificates of the tests are valid for 10 days.
      for (const days of [0, 5, 9.9, 10.1, 10.2]) {
        if (days > 0) setClock(performance.timeOrigin + performance.now() + days * day);
        server.dropAll('end');
        // oxlint-disable-next-line no-await-in-loop
        await handler.until('reconnect', resumed.length + 1);
        resumed.push(isResumed(connection));
      }
      expect(resumed).toEqual([true, true, true, false, false]);
    },
  );

  it('does not make up for a certificate that has expired', async ({ manager }) => {
    const identity = await expiringIn(3);
    await using server = await startFaultServer({ tls: identity });
    const handler = new SessionRecorder();
    const connection = manager.connect(server.port, 'localhost', handler, atOnce);
    await until(() => (handler.sessions[0] ?? 0) > 0);
    server.dropAll('end');
    await handler.until('reconnect');
    expect(isResumed(connection)).toBe(true);
    const socket = connection.socket as unknown as TLSSocket;
    expect(socket.authorized).toBe(true);
    // OpenSSL has no other clock, and whole seconds.
    const expired = Date.now() + 3_100;
    await until(() => Date.now() > expired);
    server.dropAll('end');
    await handler.until('retry');
    expect(handler.failures[0]?.error.cause).toMatchObject({ code: 'CERT_HAS_EXPIRED' });
    expect(handler.count('reconnect')).toBe(1);
  });
});
