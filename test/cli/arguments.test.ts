import { EventEmitter } from 'node:events';
import { describe, expect } from 'vitest';
import { runMain } from '../../src/cli/main.js';
import { Terminal } from '../../src/cli/shell/terminal.js';
import { it } from './command.js';

/** A process that only writes. */
class Host extends EventEmitter {
  readonly env = {};
  readonly stdout: NodeJS.WriteStream = this.#stream((text) => (this.output += text));
  readonly stderr: NodeJS.WriteStream = this.#stream((text) => (this.complaints += text));
  output = '';
  complaints = '';

  #stream(write: (text: string) => void): NodeJS.WriteStream {
    return Object.assign(new EventEmitter(), { write }) as unknown as NodeJS.WriteStream;
  }
}

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly complaints: string;
}

async function run(...args: readonly string[]): Promise<Outcome> {
  const host = new Host();
  const code = await runMain(args, new Terminal(host as unknown as NodeJS.Process));
  return { code, output: host.output, complaints: host.complaints };
}

const refused: readonly (readonly [string, string])[] = [
  ['', 'connman: expected a command; connman --help lists them'],
  ['wacth', 'connman: unknown command wacth; did you mean watch?'],
  ['dmeo', 'connman: unknown command dmeo; did you mean demo?'],
  ['toString', 'connman: unknown command toString; expected pipe, watch, serve, demo or --help'],
  ['--tls', 'connman: expected a command before --tls; connman --help lists them'],
  ['pipe', 'connman pipe: expected one endpoint, got 0'],
  ['pipe a:1 b:1', 'connman pipe: expected one endpoint, got 2'],
  ['pipe --hodl a:1', 'connman pipe: unknown option --hodl; did you mean --hold?'],
  ['pipe --toString a:1', 'connman pipe: unknown option --toString'],
  ['pipe -x a:1', 'connman pipe: unknown option -x'],
  ['pipe --hold=1 a:1', 'connman pipe: --hold: expected no value, got 1'],
  ['watch', 'connman watch: expected at least one endpoint, got none'],
  ['watch --every', 'connman watch: --every: expected a value (ms), got nothing'],
  ['watch --ping --json a:1', 'connman watch: --ping: expected a value (text), got the option --json'],
  ['watch --ping= a:1', 'connman watch: --ping: expected a text, got nothing'],
  ['watch --every 100 a:1', 'connman watch: --every: expected --ping as well'],
  [
    'watch --every 1 --ping x a:1',
    'connman watch: --every: expected a whole number from 10 to 3600000, got 1',
  ],
  ['watch --for 0 a:1', 'connman watch: --for: expected a number from 0.001 to 2147483, got 0'],
  ['watch --for -1 a:1', 'connman watch: --for: expected a number from 0.001 to 2147483, got -1'],
  [
    'watch 127.0.0.1:9 b',
    'connman watch: b: the port is missing; expected host:port, [IPv6 address]:port or a path with a slash',
  ],
  ['serve 7000', 'connman serve: expected no argument 7000'],
  ['serve --port 65536', 'connman serve: --port: expected a whole number from 0 to 65535, got 65536'],
  ['serve --port 1 --path ./x', 'connman serve: expected either --host and --port or --path'],
  ['serve --slow 0', /^connman serve: --slow: expected a whole number from 1 to \d+, got 0$/.source],
  ['serve --key x', 'connman serve: expected both --key and --cert, or neither'],
  [
    'serve --key ./missing --cert ./missing',
    "connman serve: ENOENT: no such file or directory, open './missing'",
  ],
  ['serve --path ./missing/x', 'connman serve: listen E'],
];

const endpoints: readonly (readonly [string, string])[] = [
  ['localhost', 'the port is missing'],
  ['localhost:', 'the port is missing'],
  ['[::1]', 'the port is missing'],
  [':6379', 'expected host:port'],
  ['', 'expected host:port'],
  ['a:0', 'expected a port from 1 to 65535, got 0'],
  ['a:65536', 'expected a port from 1 to 65535, got 65536'],
  ['[::1]:70000', 'expected a port from 1 to 65535, got 70000'],
  ['a:1e3', 'expected a port from 1 to 65535, got 1e3'],
  ['a:-1', 'expected a port from 1 to 65535, got -1'],
  ['a:1:2', 'expected a port from 1 to 65535, got 1:2'],
  ['::1', 'an IPv6 address needs brackets'],
  ['::1:6379', 'an IPv6 address needs brackets'],
  ['[localhost]:6379', 'expected host:port'],
  ['redis://user:secret@host:1', 'got a URL'],
  ['unix:/run/app.sock', 'got a URL'],
  ['user:secret@host:1', 'without a user'],
  ['a b:1', 'expected host:port'],
  ['a\nb:1', 'expected host:port'],
  [`./${'x'.repeat(200)}`, 'path'],
];

describe('wrong arguments are refused with one line and exit code 2:', () => {
  it.for(refused)('connman %s', async ([args, message]) => {
    const command = await run(...args.split(' ').filter(Boolean));
    expect(command.code).toBe(2);
    expect(command.output).toBe('');
    expect(command.complaints.endsWith('\n')).toBe(true);
    expect(command.complaints.slice(0, -1)).toMatch(message.startsWith('^') ? new RegExp(message) : message);
    expect(command.complaints.match(/\n/g)).toHaveLength(1);
  });

  it.for(endpoints)('the endpoint %j', async ([endpoint, message]) => {
    const command = await run('pipe', endpoint);
    expect(command.code).toBe(2);
    expect(command.complaints).toMatch(/^connman pipe: .*\n$/);
    expect(command.complaints).toContain(message);
    expect(command.complaints).not.toContain('secret');
  });

  it('as a program', async ({ start }) => {
    const command = start('wacth');
    expect(await command.exit).toBe(2);
    expect(command.complaints).toBe('connman: unknown command wacth; did you mean watch?\n');
  });
});

describe('connman', () => {
  it.for(['--help', '-h', 'help'])('%s lists the commands', async (option, { start }) => {
    const command = start(option);
    expect(await command.exit).toBe(0);
    for (const name of ['pipe', 'watch', 'serve', 'demo']) expect(command.output).toContain(`\n  ${name} `);
    expect(command.complaints).toBe('');
  });

  it.for(['pipe', 'watch', 'serve', 'demo'])('%s --help shows its options and examples', async (name) => {
    const [short, long] = [await run('help', name), await run(name, '--help')];
    expect([short.code, long.code]).toEqual([0, 0]);
    expect(short.output).toBe(long.output);
    expect(long.output).toContain(`usage: connman ${name} `);
    expect(long.output).toContain(`Examples:\n  `);
    expect(long.output).toContain('\n  -h, --help');
  });
});
