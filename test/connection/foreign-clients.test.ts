import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect } from 'vitest';
import { constant, type Connection } from '../../src/index.js';
import { it, nextTurn, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';
import { repeat } from '../support/repeat.js';

const atOnce = { backoff: constant(0) };
const scoped = { ...atOnce, listeners: 'life' } as const;

function nothing(): void {}

function counts({ socket }: Connection): Record<string, number> {
  return Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]));
}

describe("listeners: 'life'", () => {
  it('takes away what was added in a life, once all have heard its end', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, scoped);
    const { socket } = connection;
    const lasting = (): void => {};
    socket.on('close', lasting).on('data', nothing);
    await handler.until('connect');
    const before = counts(connection);
    const heard: string[] = [];
    await repeat(20, async (round) => {
      // The second is the same function as one that lasts.
      socket
        .on('data', () => heard.push('data'))
        .on('data', nothing)
        .on('custom', nothing);
      socket.once('close', () => heard.push('close')).prependListener('error', () => heard.push('error'));
      socket.setTimeout(60_000, nothing);
      expect(socket.listenerCount('custom')).toBe(1);
      server.dropAll('reset');
      await handler.until('reset', round + 1);
      await handler.until('reconnect', round + 1);
      expect(heard.splice(0)).toEqual(['error', 'close']);
      expect(counts(connection)).toEqual(before);
      expect(socket.listeners('close')).toContain(lasting);
    });
  });

  it('leaves what is added after the end of a life to the next one', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, scoped);
    const { socket } = connection;
    await handler.until('connect');
    const heard: string[] = [];
    socket.once('close', () => socket.once('connect', () => heard.push('connect')));
    server.dropAll('end');
    await handler.until('reconnect');
    await nextTurn();
    expect(heard).toEqual(['connect']);
    server.dropAll('end');
    await handler.until('reconnect', 2);
    expect(heard).toHaveLength(1);
  });

  it('keeps the connection unreferenced', async ({ server, manager }) => {
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, scoped);
    await handler.until('connect');
    connection.unref();
    const before = counts(connection);
    server.dropAll('end');
    await handler.until('reconnect');
    expect(counts(connection)).toEqual(before);
    expect(connection.socket.listenerCount('connectionAttempt')).toBe(1);
  });
});

it("keeps what was added in a life by default: listeners: 'keep'", async ({ server, manager }) => {
  const handler = new Recorder();
  const { socket } = manager.connect(server.port, server.host, handler, { ...atOnce, listeners: 'keep' });
  await handler.until('connect');
  socket.on('custom', nothing);
  server.dropAll('end');
  await handler.until('reconnect');
  expect(socket.listenerCount('custom')).toBe(1);
});

describe('socket.connect() by a library', () => {
  it('hears that it is connected, on the next tick, and dials nothing', async ({ server, manager }) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    let accepted = 0;
    other.on('connection', () => (accepted += 1));
    const { port } = other.address() as { port: number };
    const handler = new Recorder();
    const connection = manager.connect(server.port, server.host, handler, atOnce);
    const { socket } = connection;
    await handler.until('connect');
    const heard: string[] = [];
    socket.once('connect', () => heard.push('connect')).once('ready', () => heard.push('ready'));
    expect(socket.connect(port, '127.0.0.1', () => heard.push('callback'))).toBe(socket);
    expect(heard).toEqual([]);
    await new Promise((resolve) => process.nextTick(resolve));
    expect(heard).toEqual(['connect', 'callback', 'ready']);
    socket.connect({ port }, () => heard.push('again'));
    await until(() => heard.includes('again'));
    expect(connection.life).toBe(1);
    expect(handler.events).toEqual(['connect']);
    expect(socket.remotePort).toBe(server.port);
    expect(accepted).toBe(0);
    other.close();
  });

  it('while the link is down, hears of the next life', async ({ server, manager }) => {
    const handler = new Recorder();
    await server.refuse();
    const { socket } = manager.connect(server.port, server.host, handler, { backoff: constant(1) });
    const heard: string[] = [];
    socket.connect(server.port, () => heard.push('connect'));
    await handler.until('retry', 3);
    expect(heard).toEqual([]);
    await server.listen();
    await handler.until('connect');
    await until(() => heard.length > 0);
    server.dropAll('end');
    await handler.until('reconnect');
    await nextTurn();
    expect(heard).toEqual(['connect']);
  });

  it('in the tick in which the life ends, hears nothing of it', async ({ server, manager }) => {
    const handler = new Recorder();
    const { socket } = manager.connect(server.port, server.host, handler, atOnce);
    await handler.until('connect');
    let heard = 0;
    socket.connect(server.port, () => (heard += 1));
    socket.destroy();
    await handler.until('reset');
    expect(heard).toBe(0);
    await handler.until('reconnect');
    await nextTurn();
    expect(heard).toBe(1);
  });
});
