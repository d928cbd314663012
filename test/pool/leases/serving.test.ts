import { describe, expect } from 'vitest';
import { constant, type ConnectionManager, type Pool, type PoolOptions } from '../../../src/index.js';
import { halfOpen, startFaultServer } from '../../../src/testing/index.js';
import { it, nextTurn, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { ScriptedDiscovery } from '../../support/scripted-discovery.js';

function follow(
  manager: ConnectionManager,
  discovery: ScriptedDiscovery,
  options: PoolOptions<Recorder> = {},
): Pool<Recorder> {
  return manager.createPool('p', () => new Recorder(), { backoff: constant(0), discovery, ...options });
}

describe('who waits for a lease', () => {
  it('gets none once its signal has aborted, though another listener gives one back before', async ({
    server,
    manager,
  }) => {
    const pool = manager.createPool('p', () => new Recorder());
    pool.addConnection(server.endpoint);
    const lease = await pool.acquire();
    const left = new AbortController();
    left.signal.addEventListener('abort', () => lease.release());
    const waiting = [pool.acquire({ signal: left.signal }), pool.acquire()];
    const reason = new Error('gone');
    left.abort(reason);
    await expect(waiting[0]).rejects.toBe(reason);
    expect((await waiting[1])?.connection).toBe(lease.connection);
    expect(pool.stats()).toMatchObject({ leased: 1, waiting: 0, failedAcquires: 1 });
  });

  it('is served by endpoints of the next priority, those apart that are at their end', async ({
    server,
    manager,
  }) => {
    await using spare = await startFaultServer();
    const discovery = new ScriptedDiscovery();
    const pool = follow(manager, discovery, { perEndpoint: 3, allowHalfOpen: true });
    const endpoints = [server.endpoint, { ...spare.endpoint, priority: 1 }];
    void discovery.say(endpoints);
    await pool.ready();
    const held = await Promise.all([1, 2, 3].map(() => pool.acquire()));
    const first = [...pool].find(({ endpoint }) => endpoint.port === spare.port);
    // Who listens to this ends it himself: until then it is half open, and nobody has told the pool.
    first?.socket.once('end', () => undefined);
    spare.connections.find(({ socket }) => socket.remotePort === first?.socket.localPort)?.end();
    await until(() => first?.socket.readableEnded === true);
    const waiting = pool.acquire();
    await server.refuse();
    server.dropAll('reset');
    const lease = await waiting;
    expect(lease.connection.endpoint.port).toBe(spare.port);
    await Promise.all(held.map(({ handler }) => handler.until('reset')));
    for (const each of [...held, lease]) each.release();
    first?.socket.end();
  });

  it('is served when an endpoint gets a better priority', async ({ server, manager }) => {
    await using spare = await startFaultServer();
    const discovery = new ScriptedDiscovery();
    const pool = follow(manager, discovery);
    void discovery.say([server.endpoint, { ...spare.endpoint, priority: 1 }]);
    await pool.ready();
    const held = await pool.acquire();
    const waiting = pool.acquire();
    void discovery.say([server.endpoint, spare.endpoint]);
    const lease = await waiting;
    expect(lease.connection.endpoint.port).toBe(spare.port);
    lease.release();
    held.release();
  });

  it('is served by the next priority while the last connection of the first is closing', async ({
    server,
    manager,
  }) => {
    server.script = () => halfOpen();
    await using spare = await startFaultServer();
    const discovery = new ScriptedDiscovery();
    const pool = follow(manager, discovery);
    void discovery.say([server.endpoint, { ...spare.endpoint, priority: 1 }]);
    await pool.ready();
    const held = await pool.acquire();
    const waiting = pool.acquire();
    const closed = held.connection.disconnect({ grace: 60_000 });
    const lease = await waiting;
    expect(held.connection.state).toBe('closing');
    expect(pool.stats()).toMatchObject({ state: 'degraded', size: 2, ready: 1, leased: 2 });
    for (const each of [held, lease]) each.release();
    server.dropAll('reset');
    await closed;
  });

  it('is served by the next priority while the last life of the first ends for its age', async ({
    server,
    manager,
  }) => {
    server.script = () => halfOpen();
    await using spare = await startFaultServer();
    const discovery = new ScriptedDiscovery();
    const pool = follow(manager, discovery);
    pool.addConnection(server.endpoint, { maxAge: 50 });
    void discovery.say([{ ...spare.endpoint, priority: 1 }]);
    await pool.ready(2);
    const held = await pool.acquire();
    expect(held.connection.endpoint.port).toBe(server.port);
    await until(() => held.connection.uptime > 150);
    const waiting = pool.acquire();
    held.release();
    const lease = await waiting;
    expect(lease.connection.endpoint.port).toBe(spare.port);
    expect(held.connection.state).toBe('ready');
    lease.release();
    server.dropAll('reset');
  });

  it('gets what a `pick` of the program throws, and nobody else does', async ({ server, manager }) => {
    let mayThrow = false;
    const thrown = new Error('no choice');
    const pool = manager.createPool('p', () => new Recorder(), {
      backoff: constant(0),
      pick: (candidates) => {
        if (mayThrow) throw thrown;
        return [...candidates][0] as never;
      },
    });
    const { handler } = pool.addConnection(server.endpoint);
    await pool.ready();
    const lease = await pool.acquire();
    const waiting = [1, 2].map(() => pool.acquire().catch((error: unknown) => error));
    mayThrow = true;
    lease.discard();
    expect(await Promise.all(waiting)).toEqual([thrown, thrown]);
    await handler.until('reconnect');
    expect(handler.events).toEqual(['connect', 'reset', 'reconnect']);
    mayThrow = false;
    await nextTurn();
    (await pool.acquire()).release();
  });
});
