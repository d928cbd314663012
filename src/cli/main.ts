import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OptionError } from '../index.js';
import { demoCommand } from './demo/index.js';
import { pipeCommand } from './pipe/index.js';
import { serveCommand } from './serve/index.js';
import { readArguments } from './shell/arguments.js';
import { closest } from '../primitives/closest.js';
import { helpOf, type Command } from './shell/command.js';
import type { Terminal } from './shell/terminal.js';
import { printable } from '../primitives/printable.js';
import { UsageError } from './shell/usage-error.js';
import { watchCommand } from './watch/index.js';

const commands: readonly Command[] = [pipeCommand, watchCommand, serveCommand, demoCommand];

/** The exit code when a command cannot do its work. */
const cannot = 2;

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'usage: connman <command> [options]',
    `Commands:\n${list.join('\n')}`,
    'connman <command> --help shows its options and examples; connman --version the version.',
  ].join('\n\n');
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8'));
  return (manifest as { readonly version: string }).version;
}

function find(name: string): Command {
  const command = commands.find((each) => each.name === name);
  if (command) return command;
  const names = commands.map((each) => each.name);
  const meant = closest(name, [...names, 'help']);
  const hint = meant ? `did you mean ${meant}?` : `expected ${names.join(', ')} or --help`;
  throw new UsageError(`unknown command ${printable(name)}; ${hint}`);
}

/** Resolves with the exit code. */
async function main([first, ...rest]: readonly string[], terminal: Terminal): Promise<number> {
  if (first === undefined) throw new UsageError('expected a command; connman --help lists them');
  if (first === '--version' || first === '-v') terminal.out.line(version());
  else if (first === '--help' || first === '-h' || first === 'help') {
    terminal.out.line(rest[0] === undefined ? overview() : helpOf(find(rest[0])));
  } else if (first.startsWith('-')) {
    throw new UsageError(`expected a command before ${printable(first)}; connman --help lists them`);
  } else return runCommand(find(first), rest, terminal);
  return 0;
}

async function runCommand(command: Command, args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const given = readArguments(command.options, args);
    if (!given.has('help')) return await command.run(given, terminal);
    terminal.out.line(helpOf(command));
    return 0;
  } catch (error) {
    throw inContext(command.name, error);
  }
}

/** Wrong arguments, and what the operating system refuses at the start, are told in one line that begins with the command. */
function inContext(command: string, error: unknown): unknown {
  const isExpected =
    error instanceof UsageError ||
    error instanceof OptionError ||
    (error instanceof Error && 'syscall' in error) ||
    (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_OSSL'));
  return isExpected ? new UsageError((error as Error).message, command) : error;
}

/** Does what the arguments say; resolves with the exit code. Wrong arguments are told in one line. */
export async function runMain(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const code = await main(args, terminal);
    if (terminal.outputError) throw new UsageError(terminal.outputError.message);
    // Who closes the pipe has what it wanted.
    return terminal.isBroken ? 0 : code;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const who = ['connman', error.command].filter(Boolean).join(' ');
    terminal.err.line(`${who}: ${printable(error.message)}`);
    return cannot;
  }
}
