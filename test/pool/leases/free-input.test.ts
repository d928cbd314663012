import { describe, expect } from 'vitest';
import {
  constant,
  Requests,
  type ConnectionManager,
  type Handler,
  type ManagedSocket,
  type Pool,
  type PoolOptions,
} from '../../../src/index.js';
import { echo, silent, type FaultServer } from '../../../src/testing/index.js';
import { it, nextTurn, until } from '../../support/fixtures.js';

const modes = ['flowing', 'paused', 'readable', 'onData'] as const;

/** Reads in one of the ways there are, and keeps what it has read. */
class Reader implements Handler {
  read = '';
  resets = 0;
  readonly mode: (typeof modes)[number];
  onData?: (chunk: Buffer) => void;

  constructor(mode: (typeof modes)[number]) {
    this.mode = mode;
    if (mode === 'onData') this.onData = (chunk) => void (this.read += chunk.toString());
  }

  onConnect(socket: ManagedSocket): void {
    if (this.mode === 'flowing') socket.on('data', (chunk: Buffer) => (this.read += chunk.toString()));
    if (this.mode === 'paused') socket.pause();
    if (this.mode === 'readable') {
      socket.on('readable', () => {
        for (let chunk = socket.read() as Buffer | null; chunk; chunk = socket.read() as Buffer | null)
          this.read += chunk.toString();
      });
    }
  }

  onReconnect(socket: ManagedSocket): void {
    this.read = '';
    if (this.mode === 'paused') socket.pause();
  }

  onReset(): void {
    this.resets += 1;
  }
}

async function poolOfOne(
  manager: ConnectionManager,
  server: FaultServer,
  mode: (typeof modes)[number],
  options: PoolOptions<Reader> = {},
): Promise<Pool<Reader>> {
  server.script = () => silent();
  const pool = manager.createPool('p', () => new Reader(mode), { backoff: constant(0), ...options });
  pool.addConnection(server.port, server.host);
  await pool.ready();
  return pool;
}

/** Turns until so many bytes have reached the socket, whether or not they are read. */
async function arrived(socket: ManagedSocket, count: number): Promise<void> {
  await until(() => {
    if (socket.isPaused()) socket.read(0);
    return socket.bytesRead >= count;
  });
}

describe.for(modes)('input that comes while a connection is free (%s)', (mode) => {
  it('although nothing was written since its lease ends the life before the next', async ({
    manager,
    server,
  }) => {
    const pool = await poolOfOne(manager, server, mode);
    const lease = await pool.acquire();
    const { connection, handler, socket } = lease;
    const peer = await server.accept(1);
    socket.write('get secret');
    await peer.until('secret');
    lease.release();
    await nextTurn();
    peer.write('tok');
    await arrived(socket, 3);
    const asked = pool.acquire();
    peer.write('en=SECRET-OF-A');
    const next = await asked;
    expect([next.connection, connection.life, handler.resets]).toEqual([connection, 2, 1]);
    expect(handler.read).toBe('');
    expect(connection.stats().lastReset).toMatchObject({
      code: 'requested',
      error: { code: 'CONNMAN_UNREAD_INPUT' },
    });
    next.release();
  });

  it('is as good as any if something was written since', async ({ manager, server }) => {
    if (mode === 'paused') return;
    const pool = await poolOfOne(manager, server, mode);
    const lease = await pool.acquire();
    const { connection, socket } = lease;
    lease.release();
    await nextTurn();
    const peer = await server.accept(1);
    pool.pick().socket.write('shared');
    await peer.until('shared');
    peer.write('answer');
    await arrived(socket, 6);
    (await pool.acquire()).release();
    expect(connection.life).toBe(1);
  });

  it('does no harm where the servers speak unasked (`pushes`)', async ({ manager, server }) => {
    if (mode === 'paused') return;
    const pool = await poolOfOne(manager, server, mode, { pushes: true });
    (await pool.acquire()).release();
    await nextTurn();
    const peer = await server.accept(1);
    const { socket } = pool.pick();
    peer.write('news');
    await arrived(socket, 4);
    (await pool.acquire()).release();
    expect([...pool][0]?.life).toBe(1);
  });

  it('before its first lease does no harm: the greeting of a server', async ({ manager, server }) => {
    if (mode === 'paused') return;
    const pool = await poolOfOne(manager, server, mode);
    const peer = await server.accept(1);
    const { socket } = pool.pick();
    peer.write('hello');
    await arrived(socket, 5);
    (await pool.acquire()).release();
    expect([...pool][0]?.life).toBe(1);
  });
});

describe('a connection whose leases read all', () => {
  it('is lent again and again', async ({ manager, server }) => {
    const pool = await poolOfOne(manager, server, 'flowing');
    server.script = () => echo();
    [...pool][0]?.reset();
    await until(() => [...pool][0]?.life === 2 && pool.readyCount === 1);
    for (let count = 1; count <= 50; count += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await pool.use(async ({ socket, handler }) => {
        socket.write('x');
        await until(() => handler.read.length === count);
      });
      // oxlint-disable-next-line no-await-in-loop
      if (count % 3 === 0) await nextTurn();
    }
    expect([...pool][0]?.life).toBe(2);
  });

  it('that answers a request of someone else ends no life', async ({ manager, server }) => {
    const pool = await poolOfOne(manager, server, 'onData');
    const peer = await server.accept(1);
    const requests = new Requests<string>();
    const shared = pool.pick();
    requests.attach(shared);
    const answer = requests.send('shared');
    await pool.use(() => peer.until('shared'));
    await nextTurn();
    peer.write('answer');
    await until(() => shared.handler.read === 'answer');
    requests.resolve(shared.handler.read);
    expect(await answer).toBe('answer');
    (await pool.acquire()).release();
    expect(shared.life).toBe(1);
  });

  it('whose waiter is served in the same turn is not suspected', async ({ manager, server }) => {
    const pool = await poolOfOne(manager, server, 'flowing');
    const peer = await server.accept(1);
    const lease = await pool.acquire();
    const waiter = pool.acquire();
    lease.release();
    const next = await waiter;
    next.socket.write('ask');
    await peer.until('ask');
    peer.write('answer');
    await until(() => next.handler.read === 'answer');
    next.release();
    (await pool.acquire()).release();
    expect(next.connection.life).toBe(1);
  });
});
