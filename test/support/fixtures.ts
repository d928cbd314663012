import { expect, test } from 'vitest';
import { ConnectionManager } from '../../src/index.js';
import { startFaultServer, type FaultServer } from '../../src/testing/index.js';
import { SocketFolder } from './socket-folder.js';

const watched = [
  ['TCPSocketWrap', 'TCPServerWrap', 'TCPConnectWrap'],
  ['PipeWrap', 'PipeServerWrap', 'PipeConnectWrap'],
  ['ProcessWrap', 'Timeout'],
].flat();

/** How many handles and timers keep this process busy, by kind. */
export function activeResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (watched.includes(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Waits, for a bounded time, until there is no more than `before`; fails with what is left over. */
export async function expectNoLeak(before: Record<string, number>): Promise<void> {
  const isLeak = (): boolean =>
    Object.entries(activeResources()).some(([kind, count]) => count > (before[kind] ?? 0));
  const deadline = performance.now() + 3_000;
  while (isLeak() && performance.now() < deadline) await nextTurn();
  if (isLeak()) expect(activeResources(), 'leaked handles or timers').toEqual(before);
}

/** One turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Turns of the event loop until the condition holds; fails when it has not within a minute, by a clock that tests do not set. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = process.hrtime.bigint() + 60_000_000_000n;
  while (!condition()) {
    if (process.hrtime.bigint() > deadline) throw new Error(`this never held: ${condition.toString()}`);
    await nextTurn();
  }
}

export interface Fixtures {
  /** Fails the test when it leaves a socket, server, child or timer behind. */
  leaks: void;
  /** A fault server that echoes until told otherwise; closed after the test. */
  server: FaultServer;
  /** A path for a Unix socket; the test fails when it leaves a file there. */
  socketPath: string;
  /** A manager of its own; disconnected after the test. */
  manager: ConnectionManager;
}

/** `test` with a fault server and a manager, and with a check that nothing is left behind. */
export const it = test.extend<Fixtures>({
  leaks: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const before = activeResources();
      await use();
      await expectNoLeak(before);
    },
    { auto: true },
  ],
  // oxlint-disable-next-line no-empty-pattern
  server: async ({}, use) => {
    const server = await startFaultServer();
    await use(server);
    await server.close();
  },
  // oxlint-disable-next-line no-empty-pattern
  socketPath: async ({}, use) => {
    const folder = new SocketFolder();
    await use(folder.next());
    folder.remove();
  },
  // oxlint-disable-next-line no-empty-pattern
  manager: async ({}, use) => {
    const manager = new ConnectionManager();
    await use(manager);
    await manager.disconnectAll({ grace: 0 });
  },
});
