import { BlockList } from 'node:net';
import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { expect } from 'vitest';
import { ConnectionManager, constant } from '../../../src/index.js';
import { it as plainIt, until } from '../../support/fixtures.js';
import { Recorder } from '../../support/recorder.js';

type DnsEntry = PerformanceEntry & { readonly detail: { readonly hostname: string } };

/** `it` with the names that Node.js has asked the system for, in order. */
const it = plainIt.extend<{ lookups: string[] }>({
  // oxlint-disable-next-line no-empty-pattern
  lookups: async ({}, use) => {
    const names: string[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        names.push((entry as DnsEntry).detail.hostname);
      }
    });
    observer.observe({ entryTypes: ['dns'] });
    await use(names);
    observer.disconnect();
  },
});

const options = { backoff: constant(60_000), family: 4 as const };

it('dials of all managers join one look-up, and each has its own block list', async ({ lookups, server }) => {
  const blockList = new BlockList();
  blockList.addAddress('127.0.0.1');
  const handlers = Array.from({ length: 9 }, () => new Recorder());
  const blocked = new Recorder();
  // The gate of a manager would let one of them dial first.
  const managers = [...handlers, blocked].map((handler) => {
    const manager = new ConnectionManager();
    const more = handler === blocked && { blockList };
    manager.connect(server.port, 'localhost', handler, { ...options, ...more });
    return manager;
  });
  await Promise.all([...handlers.map((handler) => handler.until('connect')), blocked.until('retry')]);
  await Promise.all(managers.map((manager) => manager.disconnectAll()));
  expect(blocked.failures[0]?.error.cause).toMatchObject({ code: 'ERR_IP_BLOCKED' });
  await until(() => lookups.length > 0);
  expect(lookups).toEqual(['localhost']);
});

it('a lookup of the user is called for each dial, and nothing is shared', async ({
  lookups,
  manager,
  server,
}) => {
  let calls = 0;
  const handlers = Array.from({ length: 3 }, () => new Recorder());
  for (const handler of handlers) {
    manager.connect(server.port, 'name.test', handler, {
      ...options,
      lookup: (_name, { all }, answer) => {
        calls += 1;
        if (all) answer(null, [{ address: '127.0.0.1', family: 4 }]);
        else answer(null, '127.0.0.1', 4);
      },
    });
  }
  await Promise.all(handlers.map((handler) => handler.until('connect')));
  expect(calls).toBe(3);
  expect(lookups).toEqual([]);
});

it('a dial to an address looks nothing up', async ({ lookups, manager, server }) => {
  const handler = new Recorder();
  manager.connect(server.port, '127.0.0.1', handler, options);
  await handler.until('connect');
  expect(lookups).toEqual([]);
});
