import { describe, expect } from 'vitest';
import { constant, type Connection, type ConnectionManager, type Pool } from '../../../src/index.js';
import { halfOpen, startFaultServer } from '../../../src/testing/index.js';
import { it, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';
import { ScriptedDiscovery } from '../../support/scripted-discovery.js';

function follow(
  manager: ConnectionManager,
  discovery: ScriptedDiscovery,
  options: { drain?: number } = {},
): Pool<Recorder> {
  return manager.createPool('p', () => new Recorder(), { backoff: constant(0), discovery, ...options });
}

function first<T>(items: Iterable<T>): T {
  for (const item of items) return item;
  throw new Error('there is none');
}

describe('a connection that leaves a pool', () => {
  it('is counted out once, however often it is told to leave', async ({ server, manager }) => {
    const pool = manager.createPool('p', () => new Recorder(), { backoff: constant(0) });
    const [one] = [1, 2].map(() => pool.addConnection(server.endpoint)) as [Connection<Recorder>];
    await pool.ready();
    const leases = [await pool.acquire(), await pool.acquire()];
    const lease = leases.find(({ connection }) => connection === one);
    const gone = pool.removeConnection(one, { drain: 60_000 });
    void pool.removeConnection(one, { drain: 50_000 });
    expect(pool.stats().endpoints).toMatchObject([{ size: 1, ready: 1 }]);
    const waiting = pool.acquire();
    for (const each of leases) each.release();
    (await waiting).release();
    await gone;
    expect(lease?.connection.state).toBe('closed');
    expect(pool.stats()).toMatchObject({ size: 1, state: 'up', endpoints: [{ size: 1, ready: 1 }] });
  });

  it('does not stand in for one that is wanted again', async ({ server, manager }) => {
    // It does not answer an end: the connection is still there when its endpoint is back.
    await using other = await startFaultServer({ script: () => halfOpen() });
    const discovery = new ScriptedDiscovery();
    const pool = follow(manager, discovery);
    void discovery.say([server.endpoint, other.endpoint]);
    await pool.ready();
    const leaving = first([...pool].filter(({ endpoint }) => endpoint.port === other.port));
    void discovery.say([server.endpoint]);
    await until(() => leaving.state === 'closing');
    void discovery.say([server.endpoint, other.endpoint]);
    await until(() => pool.size === 3);
    (await other.accept(1)).reset();
    await until(() => pool.readyCount === 2 && pool.size === 2);
    expect([...pool].map(({ endpoint }) => endpoint.port)).toContain(other.port);
  });

  it('keeps the time to drain that the program gave it last', async ({ server, manager }) => {
    await using other = await startFaultServer();
    await other.refuse();
    const discovery = new ScriptedDiscovery();
    const pool = follow(manager, discovery, { drain: 0 });
    void discovery.say([server.endpoint]);
    await pool.ready();
    const lease = await pool.acquire();
    // Nothing else is ready, so the superseded connection stays for the time being.
    void discovery.say([other.endpoint]);
    await until(() => pool.size === 2);
    const closed = pool.disconnect({ drain: 60_000 });
    await until(() => pool.size === 1);
    expect(lease.connection.state).toBe('ready');
    lease.release();
    await closed;
  });
});
