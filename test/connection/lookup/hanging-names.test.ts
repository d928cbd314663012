import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { inPrivateNetworkWith, needsPrivateFiles } from '../../support/private-network.js';
import { it as plainIt } from '../../support/program.js';

/** The beginning of a command line whose program asks the name server on 127.0.0.1. */
const it = plainIt.extend<{ within: readonly string[] }>({
  within: async ({ task }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'connman-names-'));
    const file = join(folder, 'resolv.conf');
    writeFileSync(file, 'nameserver 127.0.0.1\noptions timeout:30\n');
    needsPrivateFiles(task.context, { '/etc/resolv.conf': file });
    await use(inPrivateNetworkWith({ '/etc/resolv.conf': file }));
    rmSync(folder, { recursive: true });
  },
});

it.for([1, 2, 4, 20])('%i names that hang do not hold up another one', async (hanging, { start, within }) => {
  const program = start('hanging-names', { hanging, connectTimeout: 700 }, { within });
  const { failures, pending } = await program.until('end');
  // It is killed now: Node.js waits for the threads of its look-ups, even in process.exit().
  await program.until('closed');
  const ready = program.told.filter(({ event }) => event === 'ready');
  expect(ready).toHaveLength(5);
  for (const { name, took } of ready) expect(Number(took), String(name)).toBeLessThan(1_000);
  for (const failure of failures as readonly object[]) {
    expect(failure).toEqual({
      phase: 'lookup',
      message: expect.stringMatching(/no connection within 700 ms: the name is not looked up yet$/) as string,
    });
  }
  expect(Number(pending)).toBeLessThanOrEqual(2);
});
