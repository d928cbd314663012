import { describeOptions, type Arguments, type Options } from './arguments.js';
import type { Terminal } from './terminal.js';

/** A command of `connman`. */
export interface Command {
  readonly name: string;
  /** What it is, in a few words. */
  readonly summary: string;
  /** What follows its options on the command line. */
  readonly operands: string;
  readonly options: Options;
  /** The rest of its help. */
  readonly about: string;
  readonly examples: readonly string[];
  /** Resolves with the exit code. Throws a `UsageError` for wrong arguments. */
  run(given: Arguments, terminal: Terminal): Promise<number>;
}

/** What `--help` prints. */
export function helpOf({ name, operands, about, options, examples }: Command): string {
  return [
    `usage: connman ${[name, '[options]', operands].filter(Boolean).join(' ')}`,
    about,
    `Options:\n${describeOptions(options)}`,
    `Examples:\n${examples.map((example) => `  ${example}`).join('\n')}`,
  ].join('\n\n');
}
