import { describe, expect } from 'vitest';
import { ConnectionManager, Requests } from '../src/index.js';
import { it } from './support/fixtures.js';
import { Recorder } from './support/recorder.js';

/** The names by which an application can reach something of an object: its own, and those of its classes. */
function membersOf(object: object): string[] {
  const names = new Set<string>();
  for (let each = object; each !== Object.prototype; each = Object.getPrototypeOf(each) as object) {
    for (const name of Object.getOwnPropertyNames(each)) names.add(name);
  }
  names.delete('constructor');
  return [...names].toSorted();
}

describe('an application can reach what is documented, and nothing else, of', () => {
  it('a manager', () => {
    const documented = ['connect', 'connections', 'createPool', 'disconnectAll', 'getPool', 'pools', 'stats'];
    expect(membersOf(new ConnectionManager())).toEqual(documented);
  });

  it('a connection', async ({ manager, server }) => {
    const documented = [
      ['disconnect', 'endpoint', 'handler', 'id', 'life', 'pool', 'ready', 'reconnectNow', 'ref', 'reset'],
      ['retire', 'setEndpoints', 'signal', 'socket', 'state', 'stats', 'toJSON', 'unref', 'uptime'],
    ].flat();
    const connection = manager.connect(server.port, server.host, new Recorder());
    expect(membersOf(connection)).toEqual(documented);
    await connection.ready();
    expect(membersOf(connection)).toEqual(documented);
    await connection.disconnect();
    expect(membersOf(connection)).toEqual(documented);
    expect(Reflect.ownKeys(connection)).toEqual([]);
  });

  it('requests', () => {
    const documented = ['attach', 'idle', 'late', 'lost', 'pending', 'reject', 'resolve', 'send', 'timedOut'];
    expect(membersOf(new Requests())).toEqual(documented);
  });

  it('a pool', ({ manager }) => {
    const pool = manager.createPool('p', () => new Recorder());
    expect(membersOf(pool)).toEqual([
      'acquire',
      'addConnection',
      'disconnect',
      'getConnection',
      'getHandler',
      'name',
      'pick',
      'pickReady',
      'ready',
      'readyCount',
      'refresh',
      'removeConnection',
      'resize',
      'size',
      'stats',
      'tryAcquire',
      'use',
    ]);
  });

  it('a lease, while it is held and after', async ({ manager, server }) => {
    const pool = manager.createPool('p', () => new Recorder(), { leakWarning: 60_000 });
    pool.addConnection(server.port, server.host);
    const lease = await pool.acquire();
    const documented = ['connection', 'discard', 'handler', 'release', 'signal', 'socket'];
    expect(membersOf(lease)).toEqual(documented);
    void lease.signal;
    lease.release();
    expect(membersOf(lease)).toEqual(documented);
  });
});
