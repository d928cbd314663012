import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished } from 'vitest';
import { exponential, type ManagedSocket } from '../../src/index.js';
import { it, nextTurn, until } from '../support/fixtures.js';
import { needsInstalled, startInstalled } from '../support/installed-server.js';
import { LostError, MemcachedHandler } from '../support/memcached-handler.js';
import { repeat } from '../support/repeat.js';
import { memcached } from '../support/servers.js';

const fast = { backoff: exponential({ initial: 20, max: 100 }) };
const values = new Map(Array.from({ length: 50 }, (_, n) => [`key${n}`, `the value of key ${n}`]));

/** Gets one value after the other, and keeps account of it, until it is stopped. */
class Reader {
  right = 0;
  lost = 0;
  refused = 0;
  readonly wrong: unknown[] = [];
  asked = 0;
  isStopped = false;
  readonly #handler: MemcachedHandler;

  constructor(handler: MemcachedHandler) {
    this.#handler = handler;
  }

  async run(): Promise<void> {
    const key = `key${(this.asked += 1) % values.size}`;
    try {
      const value = await this.#handler.get(key);
      if (value === values.get(key)) this.right += 1;
      else this.wrong.push({ key, value });
    } catch (error) {
      if (!(error instanceof LostError)) throw error;
      if (error.reset) this.lost += 1;
      else this.refused += 1;
    }
    await nextTurn();
    if (!this.isStopped) await this.run();
  }
}

interface Holdings {
  readonly files: number;
  readonly timers: number;
  readonly listeners: Readonly<Record<string, number>>;
}

/** What a connection may hold more and more of. */
function holdings(socket: ManagedSocket): Holdings {
  return {
    files: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
    listeners: Object.fromEntries(socket.eventNames().map((name) => [name, socket.listenerCount(name)])),
  };
}

function isAtMost(now: Holdings, before: Holdings): boolean {
  const grown = Object.entries(now.listeners).filter(
    ([name, count]) => count > (before.listeners[name] ?? 0),
  );
  return now.files <= before.files && now.timers <= before.timers && grown.length === 0;
}

/** Waits, for a bounded time, for what closes a moment later; fails with what is left over. */
async function expectAtMost(now: () => Holdings, before: Holdings): Promise<void> {
  const deadline = performance.now() + 3_000;
  await until(() => isAtMost(now(), before) || performance.now() > deadline);
  if (!isAtMost(now(), before)) expect(now(), 'held after 20 kills').toEqual(before);
}

describe('a connection to memcached', () => {
  it('sets and gets, and its socket can be ended', async ({ manager, skip }) => {
    needsInstalled(memcached, { skip });
    await using server = await startInstalled(memcached);
    const handler = new MemcachedHandler(values);
    const connection = manager.connect(server.port, server.host, handler, fast);
    await connection.ready();
    expect(await handler.get('key7')).toBe('the value of key 7');
    expect(await handler.get('no such key')).toBeUndefined();
    await handler.set('another', 'value');
    expect(await Promise.all(['another', 'key1'].map((key) => handler.get(key)))).toEqual([
      'value',
      'the value of key 1',
    ]);
    await connection.disconnect();
    expect(handler.resets).toMatchObject([{ code: 'disconnect', willReconnect: false }]);
  });

  it('reports what was outstanding as lost, once, by onReset', async ({ manager, skip }) => {
    needsInstalled(memcached, { skip });
    await using server = await startInstalled(memcached);
    const handler = new MemcachedHandler(values);
    const connection = manager.connect(server.port, server.host, handler, fast);
    await connection.ready();
    const asked = Promise.allSettled([handler.get('key1'), handler.get('key2')]);
    connection.reset(new Error('enough'));
    expect(await asked).toMatchObject([
      { status: 'rejected', reason: { reset: { code: 'requested', life: 1 } } },
      { status: 'rejected', reason: { reset: { code: 'requested', life: 1 } } },
    ]);
    await connection.ready();
    expect(await handler.get('key3')).toBe('the value of key 3');
  });

  it('outlives 20 kills of the server under load: no wrong answer, nothing held', async ({
    manager,
    skip,
  }) => {
    needsInstalled(memcached, { skip });
    await using server = await startInstalled(memcached);
    const handler = new MemcachedHandler(values);
    const connection = manager.connect(server.port, server.host, handler, fast);
    const socket = await connection.ready();
    const before = holdings(socket);
    const readers = Array.from({ length: 8 }, () => new Reader(handler));
    const stop = (): void => readers.forEach((reader) => (reader.isStopped = true));
    onTestFinished(stop);
    const running = Promise.all(readers.map((reader) => reader.run()));
    const sum = (pick: (reader: Reader) => number): number =>
      readers.reduce((total, each) => total + pick(each), 0);
    await repeat(20, async () => {
      const right = sum((each) => each.right);
      await until(() => sum((each) => each.right) >= right + 100);
      const { length } = handler.resets;
      await server.kill();
      await until(() => handler.resets.length > length);
      await server.start();
      await connection.ready();
    });
    stop();
    await running;
    expect(readers.flatMap((each) => each.wrong)).toEqual([]);
    expect(sum((each) => each.right + each.lost + each.refused)).toBe(sum((each) => each.asked));
    expect(
      sum((each) => each.lost),
      'requests were under way',
    ).toBeGreaterThan(0);
    // Now and then there is one more: a life that the dying server did not notice.
    const { length } = handler.resets;
    expect(length).toBeGreaterThanOrEqual(20);
    expect(handler.resets.map(({ life }) => life)).toEqual(Array.from({ length }, (_, n) => n + 1));
    expect(handler.sockets).toHaveLength(length + 1);
    expect(new Set(handler.sockets)).toEqual(new Set([socket]));
    expect(handler.outstanding).toBe(0);
    await expectAtMost(() => holdings(socket), before);
  });
});
