import { once } from 'node:events';
import { describe, expect } from 'vitest';
import { constant, type Connection, type Lease, type ManagedSocket } from '../../../src/index.js';
import { respond, startFaultServer, type FaultServer } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { pass, passUntil, withFakeTime } from '../../support/fake-time.js';
import { it } from '../../support/fixtures.js';

const heartbeat = {
  interval: 100,
  timeout: 100,
  ping: (socket: ManagedSocket) => void socket.write('PING\n'),
};

/** A server that answers PING, and everything but SLEEP, in order. */
function answerAll(): ReturnType<typeof respond> {
  return respond((chunk) =>
    chunk
      .toString()
      .split('\n')
      .filter((line) => line !== '' && line !== 'SLEEP')
      .map((line) => `${line === 'PING' ? 'PONG' : `value of ${line}`}\n`)
      .join(''),
  );
}

function receivedBy(server: FaultServer): string {
  return server.connections[0]?.receivedBytes().toString() ?? '';
}

/** Asks as a borrower does who reads the socket for itself. */
async function ask(lease: Lease, question: string): Promise<string> {
  const answer = once(lease.socket, 'data', { signal: lease.signal });
  lease.socket.write(question);
  const [chunk] = (await answer) as [Buffer];
  return String(chunk);
}

describe.for(['TCP', 'a Unix socket', 'TLS'])('the heartbeat of a lent connection, over %s', (transport) => {
  it('sends nothing, and goes on when the connection is given back', async ({ manager, socketPath }) => {
    const { ca, localhost } = await certificates();
    await using server = await startFaultServer({
      script: answerAll,
      ...(transport === 'a Unix socket' && { path: socketPath }),
      ...(transport === 'TLS' && { tls: localhost }),
    });
    await withFakeTime(async () => {
      const pool = manager.createPool('p', () => ({ onConnect() {} }), {
        backoff: constant(0),
        heartbeat,
        ...(transport === 'TLS' && { tls: { ca, servername: 'localhost' } }),
      });
      const connection = pool.addConnection(server.endpoint);
      await passUntil(pool.ready());
      const lease = await pool.acquire();
      for (const key of ['a', 'b', 'c']) {
        // oxlint-disable-next-line no-await-in-loop
        await pass(250, 10);
        // oxlint-disable-next-line no-await-in-loop
        expect(await passUntil(ask(lease, `${key}\n`))).toBe(`value of ${key}\n`);
      }
      expect(receivedBy(server)).toBe('a\nb\nc\n');
      lease.release();
      await pass(180, 10);
      expect(receivedBy(server)).toBe('a\nb\nc\nPING\n');
      expect([connection.state, connection.life, connection.stats().pings]).toEqual(['ready', 1, 1]);
      await manager.disconnectAll({ grace: 0 });
    });
  });
});

describe('the heartbeat of a lent connection', () => {
  it('does not end the life of a borrower who waits for a slow answer', async ({ server, manager }) => {
    server.script = answerAll;
    await withFakeTime(async () => {
      const pool = manager.createPool('p', () => ({ onConnect() {} }), { backoff: constant(0), heartbeat });
      const connection: Connection = pool.addConnection(server.endpoint);
      await passUntil(pool.ready());
      const lease = await pool.acquire();
      lease.socket.write('SLEEP\n');
      await pass(1_000, 10);
      expect([connection.life, lease.signal.aborted]).toEqual([1, false]);
      lease.release();
      await manager.disconnectAll({ grace: 0 });
    });
  });

  it('finds a dead peer once it is given back', async ({ server, manager }) => {
    server.script = () => respond(() => undefined);
    await withFakeTime(async () => {
      const resets: string[] = [];
      const pool = manager.createPool(
        'p',
        () => ({ onConnect() {}, onReset: ({ code }) => void resets.push(code) }),
        { backoff: constant(10_000), heartbeat },
      );
      pool.addConnection(server.endpoint);
      await passUntil(pool.ready());
      const lease = await pool.acquire();
      await pass(1_000, 10);
      expect(resets).toEqual([]);
      lease.release();
      await pass(400, 10);
      expect(resets).toEqual(['heartbeat']);
      await manager.disconnectAll({ grace: 0 });
    });
  });
});
