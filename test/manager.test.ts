import { describe, expect } from 'vitest';
import * as connman from '../src/index.js';
import { constant, ConnectionManager } from '../src/index.js';
import { it } from './support/fixtures.js';
import { Recorder } from './support/recorder.js';

describe('a manager', () => {
  it('keeps apart connections to one endpoint, and ends them all', async ({ server, manager }) => {
    const handlers = [new Recorder(), new Recorder()];
    for (const handler of handlers) manager.connect({ port: server.port, host: server.host }, handler);
    const pool = manager.createPool('echo', () => new Recorder());
    pool.addConnection(server.port, server.host);
    await Promise.all([...handlers.map((handler) => handler.until('connect')), pool.ready()]);
    await server.accept(3);
    await Promise.all([manager.disconnectAll(), manager.disconnectAll({ grace: 10 })]);
    expect(server.connections.filter(({ open }) => open)).toEqual([]);
    for (const handler of handlers) expect(handler.events).toEqual(['connect', 'reset', 'close']);
    expect(manager.getPool('echo')).toBeUndefined();
    const again = new Recorder();
    manager.connect(server.port, server.host, again);
    await again.until('connect');
  });

  it('ends all of many at once for who writes, and loses nothing of what was written', async ({
    server,
    manager,
  }) => {
    const count = 200;
    const connections = Array.from({ length: count }, () =>
      manager.connect(server.port, server.host, new Recorder()),
    );
    await Promise.all([...connections.map((connection) => connection.ready()), server.accept(count)]);
    for (const { socket } of connections) socket.write('before');
    const done = manager.disconnectAll();
    const refused = connections.flatMap(({ socket, state }) => {
      expect([state, socket.write('after')]).toEqual(['closing', false]);
      return [
        new Promise((resolve) => socket.write('after', resolve)),
        new Promise((resolve) => socket.end('after', resolve as () => void)),
      ];
    });
    for (const error of await Promise.all(refused)) expect(error).toBeInstanceOf(Error);
    await done;
    await Promise.all(server.connections.map(({ closed }) => closed));
    expect(connections.map(({ state }) => state)).toEqual(connections.map(() => 'closed'));
    expect(server.connections.map((each) => String(each.receivedBytes()))).toEqual(
      connections.map(() => 'before'),
    );
  });

  it('knows nothing of another', async ({ server, manager }) => {
    const other = new ConnectionManager();
    const handler = new Recorder();
    manager.connect(server.port, server.host, handler, { backoff: constant(0) });
    manager.createPool('mine', () => new Recorder());
    await handler.until('connect');
    expect(other.getPool('mine')).toBeUndefined();
    await other.disconnectAll();
    expect(handler.events).toEqual(['connect']);
  });

  it('is there by default, as the functions of the module', async ({ server }) => {
    const handler = new Recorder();
    const connection = connman.connect(server.port, server.host, handler);
    const pool = connman.createPool('default', () => new Recorder());
    await connection.ready();
    expect(connman.getPool('default')).toBe(pool);
    await connman.disconnectAll();
    expect(connection.state).toBe('closed');
  });
});

it('knows its pools and its own connections, and what they are like', async ({ server, manager }) => {
  expect([manager.pools, manager.connections, manager.stats()]).toEqual([
    [],
    [],
    { pools: [], connections: [] },
  ]);
  const first = manager.createPool('first', () => new Recorder());
  const member = first.addConnection(server.port, server.host);
  const lone = manager.connect(server.port, server.host, new Recorder());
  const second = manager.createPool('second', () => new Recorder());
  await Promise.all([member.ready(), lone.ready()]);
  expect(manager.pools).toEqual([first, second]);
  expect(manager.connections).toEqual([lone]);
  const { pools, connections } = manager.stats();
  expect(pools.map(({ name, state }) => [name, state])).toEqual([
    ['first', 'up'],
    ['second', 'down'],
  ]);
  expect(connections.map(({ id, state }) => [id, state])).toEqual([[lone.id, 'ready']]);
  await Promise.all([lone.disconnect(), second.disconnect()]);
  expect([manager.pools, manager.connections]).toEqual([[first], []]);
});

it('tells when the last life ended and the last dial failed', async ({ server, manager }) => {
  const handler = new Recorder();
  // Not Date.now(): a clock that is set while the tests run goes apart from this one.
  const clock = (): number => performance.timeOrigin + performance.now();
  const begun = clock();
  const connection = manager.connect(server.port, server.host, handler, { backoff: constant(1) });
  await connection.ready();
  expect(connection.stats()).toMatchObject({ lastResetAt: undefined, lastDialErrorAt: undefined });
  await server.refuse();
  server.dropAll('reset');
  await handler.until('retry');
  const { lastReset, lastResetAt, lastDialErrorAt } = connection.stats();
  expect(lastReset).toMatchObject({ code: 'error', rootCode: 'ECONNRESET' });
  expect(lastResetAt).toBeGreaterThanOrEqual(begun);
  expect(lastDialErrorAt).toBeGreaterThanOrEqual(lastResetAt as number);
  expect(lastDialErrorAt).toBeLessThanOrEqual(clock());
  expect(handler.failures[0]?.error.rootCode).toBe('ECONNREFUSED');
});
