import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { file, type FileOptions } from '../../src/registries/index.js';
import { until } from '../support/fixtures.js';
import { it as plainIt } from '../support/heard-source.js';
import { expectOptionErrors } from '../support/refusal.js';

const it = plainIt.extend<{ folder: string }>({
  // oxlint-disable-next-line no-empty-pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'connman-file-'));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

const list = (...servers: unknown[]): string => JSON.stringify(servers);

describe('file()', () => {
  it('gives the endpoints in the file, as objects and as host:port', async ({ folder, hear }) => {
    const path = join(folder, 'servers.json');
    writeFileSync(path, list('a.test:1', '[::1]:2', { host: 'c.test', port: 3, weight: 2, priority: 1 }));
    const heard = hear(file(path));
    await until(() => heard.snapshots.length === 1);
    expect(heard.endpoints).toEqual([
      { host: 'a.test', port: 1 },
      { host: '::1', port: 2 },
      { host: 'c.test', port: 3, weight: 2, priority: 1 },
    ]);
  });

  it('sees that it is written, replaced, and led elsewhere', async ({ folder, hear }) => {
    const path = join(folder, 'servers.json');
    writeFileSync(path, list('a:1'));
    // Without what the system tells, nothing would be seen.
    const heard = hear(file(path, { interval: 600_000 }));
    await until(() => heard.snapshots.length === 1);
    writeFileSync(path, list('b:1', 'c:1'));
    await until(() => heard.snapshots.length === 2);
    writeFileSync(join(folder, 'new'), list('d:1'));
    renameSync(join(folder, 'new'), path);
    await until(() => heard.snapshots.length === 3);
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'servers.json'), list('e:1'));
    symlinkSync(join('other', 'servers.json'), join(folder, 'link'));
    renameSync(join(folder, 'link'), path);
    await until(() => heard.snapshots.length === 4);
    expect(heard.snapshots).toEqual(['a', 'b c', 'd', 'e']);
    expect(heard.failures).toEqual([]);
  });

  it('looks again from time to time, and when it is in doubt', async ({ folder, hear }) => {
    mkdirSync(join(folder, 'other'));
    const target = join(folder, 'other', 'servers.json');
    writeFileSync(target, list('a:1'));
    symlinkSync(target, join(folder, 'link'));
    const heard = hear(file(join(folder, 'link'), { interval: 10 }));
    await until(() => heard.confirmed > 0);
    // The folder of the link does not change.
    writeFileSync(target, list('b:1', 'c:1'));
    await until(() => heard.snapshots.length === 2);
    const late = hear(file(join(folder, 'link'), { interval: 600_000 }));
    await until(() => late.snapshots.length === 1);
    writeFileSync(target, list('d:1'));
    late.ask('doubt');
    await until(() => late.snapshots.length === 2);
    expect(late.snapshots).toEqual(['b c', 'd']);
  });

  it('gives no list twice', async ({ folder, hear }) => {
    const path = join(folder, 'servers.json');
    writeFileSync(path, list('a:1'));
    const heard = hear(file(path, { interval: 600_000 }));
    await until(() => heard.snapshots.length === 1);
    writeFileSync(path, ` ${list('a:1')}`);
    await until(() => heard.confirmed === 1);
    expect(heard.snapshots).toEqual(['a']);
  });

  const wrong: readonly [name: string, text: string, said: string][] = [
    ['no JSON', 'secret', 'it is no JSON'],
    ['no list', '{"secret":1}', 'snapshot: expected an array of at most 10000 endpoints, got an object'],
    ['no address', list('a:1', 'secret'), 'snapshot[1]: expected host:port, [address]:port or an object'],
    ['no port', list({ host: 'secret' }), 'snapshot[0].port: expected a whole number from 1 to 65535'],
    ['too long', ' '.repeat(4_194_305), 'it has more than 4194304 bytes'],
  ];
  it.for(wrong)(
    'tells of a file that is %s, and keeps the last list',
    async ([, text, said], { folder, hear }) => {
      const path = join(folder, 'servers.json');
      writeFileSync(path, list('a:1'));
      const heard = hear(file(path));
      await until(() => heard.snapshots.length === 1);
      writeFileSync(path, text);
      await until(() => heard.failures.length > 0);
      expect(heard.failures[0]).toContain(`${path} cannot be followed: ${said}`);
      expect(heard.failures[0]).not.toContain('secret');
      writeFileSync(path, list('b:1'));
      await until(() => heard.snapshots.length === 2);
      expect([heard.snapshots, heard.error]).toEqual([['a', 'b'], undefined]);
    },
  );

  it('tells that the file is gone, and sees it come back', async ({ folder, hear }) => {
    const path = join(folder, 'servers.json');
    writeFileSync(path, list('a:1'));
    const heard = hear(file(path, { interval: 600_000 }));
    await until(() => heard.snapshots.length === 1);
    unlinkSync(path);
    await until(() => heard.failures.length > 0);
    expect(heard.failures[0]).toContain('ENOENT');
    writeFileSync(path, list('b:1'));
    await until(() => heard.snapshots.length === 2);
  });

  it.for([
    ['which is not there', 'missing', 'ENOENT'],
    ['which is a folder', '.', 'it is no file'],
    ['in no folder', 'missing/servers.json', 'ENOENT'],
  ])('throws for a file %s', async ([, name = '', said], { folder, hear }) => {
    const heard = hear(file(join(folder, name)));
    await until(() => heard.error !== undefined);
    expect(heard.error).toMatchObject({
      code: 'CONNMAN_DISCOVERY',
      domain: join(folder, name),
      message: expect.stringContaining(said ?? ''),
    });
  });

  it('refuses wrong arguments', () => {
    expectOptionErrors('path', [undefined, null, 5, '', 'a\0b', {}], (path) => file(path as string));
    for (const option of ['interval', 'timeout']) {
      expectOptionErrors(`options.${option}`, [null, 0, -1, '5', NaN, Infinity], (value) =>
        file('a', { [option]: value } as FileOptions),
      );
    }
    expectOptionErrors('options', [null, 5, { Interval: 5 }], (options) => file('a', options as FileOptions));
  });
});
