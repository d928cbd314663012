import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { constant, type ResetCode } from '../../src/index.js';
import { silent, startFaultServer, startServerProcess } from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { it, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';
import { repeat } from '../support/repeat.js';

const atOnce = { backoff: constant(0) };

describe('a connection over a Unix socket', () => {
  it('has one socket for all lives, each ended as over TCP', async ({ manager, socketPath }) => {
    await using server = await startFaultServer({ path: socketPath });
    const handler = new Recorder();
    const connection = manager.connect({ path: socketPath }, handler, atOnce);
    await handler.until('connect');
    const { socket } = connection;
    const cause = new Error('said the test');
    const ends: [ResetCode, () => unknown][] = [
      ['remote-end', () => server.dropAll('end')],
      // There is no RST on a Unix socket.
      ['remote-end', () => server.dropAll('reset')],
      ['local-end', () => socket.end()],
      ['local-end', () => socket.destroy()],
      ['error', () => socket.destroy(cause)],
      ['local-end', () => socket.resetAndDestroy()],
      ['local-end', () => socket.end().resetAndDestroy()],
      ['local-end', () => socket.destroySoon()],
      ['requested', () => connection.reset(cause)],
    ];
    await repeat(ends.length, async (index) => {
      socket.write(`life ${index + 1}`);
      await until(() => handler.input[index] === `life ${index + 1}`);
      ends[index]?.[1]();
      await handler.until('reconnect', index + 1);
    });
    expect(handler.resets.map(({ code }) => code)).toEqual(ends.map(([code]) => code));
    expect(handler.resets.every(({ endpoint }) => endpoint.path === socketPath)).toBe(true);
    expect(new Set(handler.sockets)).toEqual(new Set([socket]));
    expect(connection.endpoint).toEqual({ path: socketPath });
    expect(socket.remoteAddress).toBeUndefined();
    await connection.disconnect();
    expect(handler.events.at(-1)).toBe('close');
  });

  it('waits for a file that is missing, stale, or no socket', async ({ manager, socketPath }) => {
    await using server = await startFaultServer({ path: socketPath });
    const handler = new Recorder();
    const connection = manager.connect({ path: socketPath }, handler, { backoff: constant(1) });
    await handler.until('connect');
    const fails = async (code: string): Promise<void> => {
      const seen = handler.failures.length;
      await until(() => handler.failures.length >= seen + 3);
      const { error, endpoint, phase } = handler.failures.at(-1) as (typeof handler.failures)[number];
      expect(error.cause).toMatchObject({ code });
      expect(error.message).toContain(socketPath);
      expect({ endpoint, phase }).toEqual({ endpoint: { path: socketPath }, phase: 'connect' });
    };
    await server.refuse('missing');
    server.dropAll('end');
    await fails('ENOENT');
    await server.listen();
    await handler.until('reconnect');
    await server.refuse('stale');
    server.dropAll('end');
    await fails('ECONNREFUSED');
    await server.refuse('missing');
    await writeFile(socketPath, 'no socket');
    await fails('ECONNREFUSED');
    await rm(socketPath);
    await server.listen();
    await handler.until('reconnect', 2);
    connection.socket.write('again');
    await until(() => handler.input[2] === 'again');
  });

  it('comes back to a server that was killed and started again on its path', async ({
    manager,
    socketPath,
  }) => {
    const server = await startServerProcess({ path: socketPath });
    const handler = new Recorder();
    const connection = manager.connect({ path: socketPath }, handler, { backoff: constant(1) });
    await handler.until('connect');
    await repeat(8, async (round) => {
      await server.kill();
      await until(() => connection.state !== 'ready');
      await server.restart();
      // A dial may still have reached the server that was dying: a life that counts for nothing.
      await connection.ready();
      connection.socket.write(`round ${round}`);
      await until(() => handler.input.at(-1) === `round ${round}`);
    });
    expect(handler.resets.length).toBeGreaterThanOrEqual(8);
    expect(new Set(handler.sockets).size).toBe(1);
    await manager.disconnectAll();
    await server.close();
  });

  it('fails over between a path and a port, with one socket', async ({ manager, server, socketPath }) => {
    await using local = await startFaultServer({ path: socketPath });
    const endpoints = [{ path: socketPath }, { host: server.host, port: server.port }];
    const handler = new Recorder();
    const { socket } = manager.connect(endpoints, handler, { ...atOnce, stableAfter: 0 });
    await handler.until('connect');
    await repeat(6, async (round) => {
      const [here, there] = round % 2 ? [server, local] : [local, server];
      await there.listen();
      await here.refuse();
      here.dropAll('reset');
      await handler.until('reconnect', round + 1);
      expect(socket.remotePort).toBe(round % 2 ? undefined : server.port);
      socket.write(`life ${round + 2}`);
      await until(() => handler.input[round + 1] === `life ${round + 2}`);
    });
    expect(new Set(handler.sockets).size).toBe(1);
  });

  it('holds its limits: maxBuffered, handshakeTimeout, disconnect()', async ({ manager, socketPath }) => {
    await using server = await startFaultServer({ path: socketPath, script: () => silent() });
    const handler = new Recorder();
    const never = new Recorder();
    never.onConnect = () => new Promise(() => undefined);
    const options = { ...atOnce, maxBuffered: 100_000 };
    const { socket } = manager.connect({ path: socketPath }, handler, options);
    manager.connect({ path: socketPath }, never, { backoff: constant(60_000), handshakeTimeout: 20 });
    await handler.until('connect');
    for (let count = 0; count < 500 && !socket.destroyed; count += 1) socket.write(Buffer.alloc(10_000));
    await handler.until('reset');
    expect(handler.resets[0]?.code).toBe('max-buffered');
    await never.until('reset');
    expect(never.resets[0]?.code).toBe('handshake');
    await handler.until('reconnect');
    socket.write(Buffer.alloc(50_000));
    await socket.disconnect();
    expect(handler.resets[1]).toMatchObject({ code: 'disconnect', unsentBytes: 0 });
    expect(server.connections.at(-1)?.received).toBe(50_000);
  });

  it('is secured by TLS where that is asked for', async ({ manager, socketPath }) => {
    const { ca, localhost } = await certificates();
    await using server = await startFaultServer({ path: socketPath, tls: localhost });
    const handler = new Recorder();
    const tls = { ca, servername: 'localhost' };
    const connection = manager.connect({ path: socketPath }, handler, { ...atOnce, tls });
    await repeat(5, async (round) => {
      await handler.until(round ? 'reconnect' : 'connect', round || 1);
      expect(connection.socket).toMatchObject({ encrypted: true, authorized: true });
      connection.socket.write(`life ${round + 1}`);
      await until(() => handler.input[round] === `life ${round + 1}`);
      server.dropAll('end');
    });
  });
});

it.runIf(process.platform === 'linux')(
  'a name of the abstract namespace is an endpoint',
  async ({ manager }) => {
    const folder = await mkdtemp(join(tmpdir(), 'connman-'));
    const path = `\0${folder}`;
    await using server = await startFaultServer({ path });
    const handler = new Recorder();
    const { socket } = manager.connect({ path }, handler, atOnce);
    await handler.until('connect');
    await server.refuse();
    server.dropAll('end');
    await handler.until('retry');
    expect(handler.failures[0]?.error.message).toContain(`dial to @${folder} failed`);
    await server.listen();
    await handler.until('reconnect');
    socket.write('hi');
    await until(() => handler.input[1] === 'hi');
    await rm(folder, { recursive: true });
  },
);
