import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { echo, endAt } from '../../src/testing/index.js';
import { needsInstalled, startInstalled } from '../support/installed-server.js';
import { memcached } from '../support/servers.js';
import { until } from '../support/fixtures.js';
import { it } from './command.js';

const main = 'demo';
const timeLimit = { timeout: 30_000 };
const names = ['single', 'pool 0', 'pool 1', 'pool 2', 'pool 3'];

interface Row {
  readonly name: string;
  readonly lives: number;
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
}

/** The rows of the table that the output ends with. */
function tableOf(output: string): Row[] {
  const [, ...lines] = output.slice(output.indexOf('\nconnection ')).trim().split('\n');
  return lines.map((line) => {
    const [name = '', ...cells] = line.split(/ {2,}/);
    const [lives = 0, , , sent = 0, answered = 0, lost = 0] = cells.map(Number);
    return { name, lives, sent, answered, lost };
  });
}

function count(output: string, pattern: RegExp): number {
  return output.match(pattern)?.length ?? 0;
}

describe('the demo', timeLimit, () => {
  it('kills its server three times, and every connection lives four lives', async ({ start }) => {
    const demo = start(main);
    expect(await demo.exit, demo.complaints).toBe(0);
    expect(count(demo.output, / kill -9 /g)).toBe(3);
    // Now and then there is one more: a life that the dying server did not notice.
    const reconnects = count(demo.output, / reconnected +life \d, the same socket$/gm);
    expect(reconnects).toBeGreaterThanOrEqual(15);
    expect(count(demo.output, / reset +life \d ended after .+; dial in [\d.]+ m?s$/gm)).toBe(reconnects);
    const table = tableOf(demo.output);
    expect(table.map(({ name, lives }) => ({ name, lives }))).toEqual(
      names.map((name) => ({ name, lives: 4 })),
    );
    expect(table.filter(({ sent, answered, lost }) => sent !== answered + lost || answered === 0)).toEqual(
      [],
    );
    expect(demo.output).toMatch(/^page: http:\/\/127\.0\.0\.1:\d+\/$/m);
    expect(
      count(demo.output, / gate +probing +one connection dials, 4 wait for its probe$/gm),
    ).toBeGreaterThanOrEqual(3);
    expect(demo.output).not.toContain('\u001B');
  });

  it('pings memcached, one life long', async ({ start, skip }) => {
    needsInstalled(memcached, { skip });
    await using server = await startInstalled(memcached);
    const demo = start(main, `${server.host}:${server.port}`, '--protocol', 'memcached');
    expect(await demo.exit, demo.complaints).toBe(0);
    const table = tableOf(demo.output);
    expect(table.map(({ name, lives, lost }) => ({ name, lives, lost }))).toEqual(
      names.map((name) => ({ name, lives: 1, lost: 0 })),
    );
  });

  it('fails, and says why, when a life is lost that should not be', async ({ server, start }) => {
    server.script = (connection) => (connection === 5 ? endAt(500) : echo());
    const demo = start(main, `127.0.0.1:${server.port}`);
    expect(await demo.exit).toBe(1);
    expect(demo.complaints).toMatch(/^connman: demo: (single|pool \d) lived 2 lives, not 1\n$/);
  });

  it('ends at Ctrl-C, and its server with it', async ({ start, skip }) => {
    skip(process.platform === 'win32', 'Windows has no signals');
    const demo = start(main);
    await demo.until(({ output }) => output.includes('pool 3  connected'));
    demo.interrupt();
    expect(await demo.exit).toBe(1);
    expect(demo.complaints).toBe('connman: demo: stopped by SIGINT\n');
    const port = Number(/ port (\d+)/.exec(demo.output)?.[1]);
    const [error]: unknown[] = await once(connect(port, '127.0.0.1'), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('--open opens the page in a browser', async ({ start, skip, onTestFinished }) => {
    skip(process.platform !== 'linux', 'another opener');
    const folder = mkdtempSync(join(tmpdir(), 'connman-demo-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const said = join(folder, 'said');
    writeFileSync(said, '');
    writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\necho "$1" > '${said}'\n`, { mode: 0o755 });
    const { PATH = '' } = process.env;
    process.env['PATH'] = `${folder}:${PATH}`;
    const demo = start(main, '--open');
    process.env['PATH'] = PATH;
    await until(() => readFileSync(said, 'utf8').endsWith('\n'));
    const page = await fetch(readFileSync(said, 'utf8').trim());
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<!doctype html>')]);
    demo.interrupt();
    expect(await demo.exit).toBe(1);
    expect(demo.complaints).toBe('connman: demo: stopped by SIGINT\n');
  });

  it.for(['--protocol memcached', '--protocol redis 127.0.0.1:1', '--kill 3', '127.0.0.1:0', 'a:1 b:1'])(
    'refuses %s with one line',
    async (args, { start }) => {
      const demo = start(main, ...args.split(' '));
      expect(await demo.exit).toBe(2);
      expect(demo.output).toBe('');
      expect(demo.complaints).toMatch(/^connman demo: .+\n$/);
    },
  );
});
