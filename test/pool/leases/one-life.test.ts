import { describe, expect } from 'vitest';
import { constant, LifeEndedError, type Lease } from '../../../src/index.js';
import { startFaultServer } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { nextTurn, until } from '../../support/fixtures.js';
import { it } from '../../support/pool-of-one.js';
import { Recorder } from '../../support/recorder.js';

async function turns(count = 20): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

describe('a lease of one life', () => {
  it('keeps the connection from dialling until it is given back, and writes are refused', async ({
    poolOfOne,
    server,
  }) => {
    const pool = await poolOfOne();
    const lease = await pool.acquire();
    const { connection, handler } = lease;
    server.dropAll('reset');
    await handler.until('reset');
    const told = new Promise((resolve) => lease.socket.write('second half', resolve));
    expect(await told).toMatchObject({ code: 'CONNMAN_CLOSED' });
    connection.reconnectNow();
    await turns();
    expect([connection.state, server.accepted, pool.stats().interrupted]).toEqual(['waiting', 1, 1]);
    expect(lease.signal.reason).toMatchObject({ code: 'CONNMAN_LIFE_ENDED', reset: handler.resets[0] });
    lease.release();
    const next = await pool.acquire();
    expect([next.connection, connection.life]).toEqual([connection, 2]);
    expect(server.connections[1]?.receivedBytes().toString()).toBe('');
    expect(pool.stats()).toMatchObject({ leased: 1, leases: 2, interrupted: 1, refusedWrites: 1 });
    next.release();
  });

  it.for(['release', 'discard', 'dispose'] as const)('dials after %s', async (how, { poolOfOne, server }) => {
    const pool = await poolOfOne();
    const lease = await pool.acquire();
    const { connection, handler } = lease;
    server.dropAll('end');
    await handler.until('reset');
    if (how === 'dispose') lease[Symbol.dispose]();
    else lease[how]();
    await until(() => connection.state === 'ready');
    expect([connection.life, handler.resets.length]).toEqual([2, 1]);
  });

  it('given back inside of its signal, dials as well', async ({ poolOfOne, server }) => {
    const pool = await poolOfOne();
    const lease = await pool.acquire();
    lease.signal.addEventListener('abort', () => lease.release());
    server.dropAll('reset');
    await until(() => lease.connection.life === 2 && lease.connection.state === 'ready');
    expect(pool.stats()).toMatchObject({ leased: 0, interrupted: 1 });
  });

  it('does not wait for ever inside of its own lease: ready() rejects', async ({ poolOfOne, server }) => {
    const pool = await poolOfOne();
    const lease = await pool.acquire();
    const { connection, handler } = lease;
    const before = (async () => {
      await until(() => lease.socket.destroyed);
      await connection.ready();
    })();
    server.dropAll('reset');
    await expect(before).rejects.toBeInstanceOf(LifeEndedError);
    await expect(connection.ready()).rejects.toMatchObject({
      code: 'CONNMAN_LIFE_ENDED',
      reset: handler.resets[0],
    });
    lease.release();
    await connection.ready();
    expect(connection.life).toBe(2);
  });

  it('that ends as planned waits no longer than any other', async ({ poolOfOne }) => {
    const pool = await poolOfOne();
    const lease = await pool.acquire();
    const { connection, handler } = lease;
    lease.socket.write('x');
    await handler.until('data');
    lease.socket.end();
    await handler.until('reset');
    expect(handler.resets).toMatchObject([{ code: 'local-end' }]);
    lease.release();
    await until(() => connection.state === 'ready');
    expect(connection.life).toBe(2);
  });

  it('is over when its connection is removed, and holds nothing back', async ({ poolOfOne, server }) => {
    const pool = await poolOfOne();
    const lease = await pool.acquire();
    server.dropAll('reset');
    await lease.handler.until('reset');
    await pool.removeConnection(lease.connection);
    expect([pool.size, lease.connection.state, pool.stats().leased]).toEqual([0, 'closed', 0]);
    lease.release();
    expect(pool.stats().leased).toBe(0);
    expect(server.accepted).toBe(1);
  });

  it('holds over TLS as well', async ({ manager }) => {
    const { ca, localhost } = await certificates();
    await using server = await startFaultServer({ tls: localhost });
    const pool = manager.createPool('tls', () => new Recorder(), {
      backoff: constant(0),
      tls: { ca, servername: 'localhost' },
    });
    pool.addConnection(server.port, server.host);
    await pool.ready();
    const lease = await pool.acquire();
    const { connection, handler, socket } = lease;
    server.dropAll('reset');
    await handler.until('reset');
    await turns();
    expect([connection.state, server.accepted, socket.write('x')]).toEqual(['waiting', 1, false]);
    lease.release();
    await until(() => connection.state === 'ready');
    expect([connection.life, socket.write('x')]).toEqual([2, false]);
  });
});

describe('a lasting lease', () => {
  it.for(['acquire', 'waiter', 'tryAcquire', 'use'] as const)(
    'survives the life (%s)',
    async (how, { poolOfOne, server }) => {
      const pool = await poolOfOne({ drain: 0 });
      const check = async (lease: Lease<Recorder>): Promise<void> => {
        const { connection, handler, socket } = lease;
        server.dropAll('reset');
        await handler.until('reset');
        socket.write('refused');
        await handler.until('reconnect');
        await connection.ready();
        socket.write('second life');
        await handler.until('data');
        expect([connection.life, handler.input[1], lease.signal.aborted]).toEqual([2, 'second life', true]);
        expect([pool.stats().interrupted, pool.tryAcquire()]).toEqual([1, undefined]);
      };
      if (how === 'use') {
        await pool.use(check, { lasting: true });
      } else {
        const first = how === 'waiter' ? pool.tryAcquire() : undefined;
        const asked =
          how === 'tryAcquire' ? pool.tryAcquire({ lasting: true }) : pool.acquire({ lasting: true });
        first?.release();
        const lease = (await asked) as Lease<Recorder>;
        await check(lease);
        lease.release();
      }
      expect(pool.stats()).toMatchObject({ leased: 0, size: 1, added: 1 });
    },
  );
});
