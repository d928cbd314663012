import { describe, expect } from 'vitest';
import { constant, TimeoutError, type ConnectionOptions, type ManagedSocket } from '../../src/index.js';
import { startServerProcess, type ServerProcess } from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { it as plainIt } from '../support/fixtures.js';
import { perRing } from '../support/per-ring.js';
import { Recorder } from '../support/recorder.js';

const limit = 300;
const blocks = perRing({
  short: [500],
  soak: [700, 2_000],
});

/** Keeps the event loop busy, as a program does that computes. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Exchanges several messages before it is ready, as a login does, and blocks the event loop in the midst of it. */
class LoggingIn extends Recorder {
  readonly #pauses: readonly number[];

  /** `pauses`: for how long, after each of the messages. */
  constructor(...pauses: readonly number[]) {
    super();
    this.#pauses = pauses;
  }

  override async onConnect(socket: ManagedSocket): Promise<void> {
    void super.onConnect(socket);
    for (const milliseconds of this.#pauses) {
      socket.write('?');
      // The limit of the handshake begins when the callback has returned.
      // oxlint-disable-next-line no-await-in-loop
      await Promise.resolve();
      if (milliseconds > 0) block(milliseconds);
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => socket.once('data', resolve));
    }
  }
}

interface Peer {
  readonly server: ServerProcess;
  readonly options: ConnectionOptions;
}

type StartPeer = (link: string, script?: 'echo' | 'silent') => Promise<Peer>;

/** With a server in a process of its own, which is never blocked. */
const it = plainIt.extend<{ startPeer: StartPeer }>({
  // oxlint-disable-next-line no-empty-pattern
  startPeer: async ({}, use) => {
    const servers: ServerProcess[] = [];
    await use(async (link, script = 'echo') => {
      const { ca, localhost } = await certificates();
      const server = await startServerProcess({ script, ...(link === 'TLS' && { tls: localhost }) });
      servers.push(server);
      const limits = { connectTimeout: limit, handshakeTimeout: limit, backoff: constant(0) };
      return { server, options: link === 'TLS' ? { ...limits, tls: { ca } } : limits };
    });
    await Promise.all(servers.map((server) => server.close()));
  },
});

describe.each(['TCP', 'TLS'])('a program that is blocked for longer than its limits, over %s,', (link) => {
  it('gives up no dial whose answer is there', async ({ manager, startPeer }) => {
    const { server, options } = await startPeer(link);
    for (const milliseconds of blocks) {
      const handler = new Recorder();
      const connection = manager.connect(server.port, 'localhost', handler, options);
      block(milliseconds);
      // oxlint-disable-next-line no-await-in-loop
      await connection.ready();
      expect(handler.failures).toEqual([]);
    }
  });

  it('gives up no login whose answers are there', async ({ manager, startPeer }) => {
    const { server, options } = await startPeer(link);
    for (const milliseconds of blocks) {
      const handler = new LoggingIn(milliseconds, 0, 0, 0);
      const connection = manager.connect(server.port, server.host, handler, options);
      // oxlint-disable-next-line no-await-in-loop
      await connection.ready();
      expect([handler.failures, handler.resets]).toEqual([[], []]);
    }
  });

  it('gives up a silent server, later by no more than it was blocked for', async ({ manager, startPeer }) => {
    const { server, options } = await startPeer(link, 'silent');
    const begun = performance.now();
    const handler = new LoggingIn(2 * limit);
    const connection = manager.connect(server.port, server.host, handler, options);
    await handler.until('reset');
    const took = performance.now() - begun;
    expect(handler.resets[0]).toMatchObject({
      code: 'handshake',
      error: { cause: expect.any(TimeoutError) },
    });
    expect(took).toBeGreaterThan(3 * limit - 20);
    expect(took).toBeLessThan(3 * limit + 500);
    await connection.disconnect({ grace: 0 });
  });
});

describe('a program that is blocked', () => {
  it('gives up a dial that nobody answers, later by one whole limit at most', async ({
    manager,
    startPeer,
  }) => {
    const { server } = await startPeer('TCP', 'silent');
    const handler = new Recorder();
    const options = { tls: true, connectTimeout: limit } as const;
    const connection = manager.connect(server.port, server.host, handler, options);
    block(4 * limit);
    const blockedUntil = performance.now();
    await handler.until('retry');
    expect(handler.failures[0]?.error.cause).toBeInstanceOf(TimeoutError);
    const took = performance.now() - blockedUntil;
    expect(took).toBeGreaterThan(limit - 20);
    expect(took).toBeLessThan(limit + 500);
    await connection.disconnect();
  });

  it('still reads what came before the end of its grace', async ({ manager, startPeer }) => {
    const { server, options } = await startPeer('TCP');
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, options);
    const socket = await connection.ready();
    socket.write('farewell');
    const closed = connection.disconnect({ grace: 100 });
    block(400);
    await closed;
    expect(handler.input.join('')).toBe('farewell');
  });

  it('lends what came free within the time of a caller', async ({ manager, startPeer }) => {
    const { server, options } = await startPeer('TCP');
    const pool = manager.createPool('blocked', () => new Recorder(), options);
    pool.addConnection(server.port, server.host);
    await pool.ready();
    for (const milliseconds of blocks) {
      // oxlint-disable-next-line no-await-in-loop
      const lease = await pool.acquire();
      lease.socket.once('data', () => lease.release());
      lease.socket.write('?');
      const waiting = [1, 2].map(() => pool.acquire({ timeout: limit }));
      block(milliseconds);
      // oxlint-disable-next-line no-await-in-loop
      const next = await waiting[0];
      next?.release();
      // oxlint-disable-next-line no-await-in-loop
      (await waiting[1])?.release();
    }
  });

  it('turns a caller away for whom nothing came free, later by no more than it was blocked for', async ({
    manager,
    startPeer,
  }) => {
    const { server, options } = await startPeer('TCP');
    const pool = manager.createPool('blocked', () => new Recorder(), options);
    pool.addConnection(server.port, server.host);
    const lease = await pool.acquire();
    const begun = performance.now();
    const waiting = pool.acquire({ timeout: limit });
    block(2 * limit);
    await expect(waiting).rejects.toBeInstanceOf(TimeoutError);
    const took = performance.now() - begun;
    expect(took).toBeGreaterThan(3 * limit - 20);
    expect(took).toBeLessThan(3 * limit + 500);
    lease.release();
  });
});
