import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect } from 'vitest';
import { readArguments } from '../../examples/demo/arguments.js';
import { protocols } from '../../examples/demo/protocols.js';
import { echo, endAt } from '../../src/testing/index.js';
import { needsInstalled, startInstalled } from '../support/installed-server.js';
import { memcached } from '../support/servers.js';
import { it } from './example.js';

const main = 'demo/main.ts';
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
    expect(count(demo.output, / reset +life \d ended after .+; dial in \d+ ms$/gm)).toBe(reconnects);
    const table = tableOf(demo.output);
    expect(table.map(({ name, lives }) => ({ name, lives }))).toEqual(
      names.map((name) => ({ name, lives: 4 })),
    );
    expect(table.filter(({ sent, answered, lost }) => sent !== answered + lost || answered === 0)).toEqual(
      [],
    );
    expect(demo.output).not.toContain('\u001B');
  });

  it('pings memcached, one life long', async ({ start, skip }) => {
    needsInstalled(memcached, { skip });
    await using server = await startInstalled(memcached);
    const demo = start(main, '--port', server.port, '--host', server.host, '--protocol', 'memcached');
    expect(await demo.exit, demo.complaints).toBe(0);
    const table = tableOf(demo.output);
    expect(table.map(({ name, lives, lost }) => ({ name, lives, lost }))).toEqual(
      names.map((name) => ({ name, lives: 1, lost: 0 })),
    );
  });

  it('fails, and says why, when a life is lost that should not be', async ({ server, start }) => {
    server.script = (connection) => (connection === 5 ? endAt(500) : echo());
    const demo = start(main, '--port', server.port);
    expect(await demo.exit).toBe(1);
    expect(demo.complaints).toMatch(/^demo failed: (single|pool \d) lived 2 lives, not 1\n$/);
  });

  it('ends at Ctrl-C, and its server with it', async ({ start, skip }) => {
    skip(process.platform === 'win32', 'Windows has no signals');
    const demo = start(main);
    await demo.until('pool 3  connected');
    demo.interrupt();
    expect(await demo.exit).toBe(1);
    expect(demo.complaints).toBe('demo failed: stopped by SIGINT\n');
    const port = Number(/ port (\d+)/.exec(demo.output)?.[1]);
    const [error]: unknown[] = await once(connect(port, '127.0.0.1'), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('refuses wrong arguments with one line', async ({ start }) => {
    const demo = start(main, '--port', '11211', '--protocol', 'redis');
    expect(await demo.exit).toBe(2);
    expect(demo.output).toBe('');
    expect(demo.complaints).toMatch(/^usage: .+\n$/);
  });
});

describe('the arguments of the demo', () => {
  it.each([
    '--port 0',
    '--port 65536',
    '--port 1e3',
    '--port=',
    '--host 127.0.0.1',
    '--host= --port 11211',
    '--protocol memcached',
    '--protocol toString --port 11211',
    '--kill 3',
    '11211',
  ])('may not be %s', (args) => {
    expect(readArguments(args.split(' '))).toBeUndefined();
  });

  it('may name a server', () => {
    const { echo: protocol } = protocols;
    const endpoint = { host: '127.0.0.1', port: 7000 };
    expect(readArguments([])).toBe('own');
    expect(readArguments(['--port', '7000'])).toEqual({ endpoint, protocol });
    expect(readArguments(['--port', '7000', '--host', '::1', '--protocol', 'memcached'])).toEqual({
      endpoint: { host: '::1', port: 7000 },
      protocol: protocols.memcached,
    });
  });
});
