import { parseArgs } from 'node:util';
import { closest } from '../../primitives/closest.js';
import { printable } from '../../primitives/printable.js';
import { UsageError } from './usage-error.js';

/** An option of a command. */
export interface Option {
  /** What its value is, for the help; left out: the option has no value. */
  readonly takes?: string;
  /** What it does. */
  readonly text: string;
}

export type Options = Readonly<Record<string, Option>>;

/** What every command has. */
const help = { text: 'show this text' } satisfies Option;

/** The arguments of a command, of which only the options are known to exist. */
export class Arguments {
  /** What is no option. */
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, string>;

  constructor(operands: readonly string[], values: ReadonlyMap<string, string>) {
    this.operands = operands;
    this.#values = values;
  }

  has(option: string): boolean {
    return this.#values.has(option);
  }

  /** The value of an option, if it was given. */
  text(option: string): string | undefined {
    return this.#values.get(option);
  }

  /** The value of an option as a whole number within bounds. */
  integer(option: string, from: number, to: number): number | undefined {
    return this.#number(option, /^\d{1,15}$/, from, to, 'a whole number');
  }

  /** The value of an option as a number within bounds. */
  number(option: string, from: number, to: number): number | undefined {
    return this.#number(option, /^\d{0,15}\.?\d{1,15}$/, from, to, 'a number');
  }

  /** Refuses operands, for a command that has none. */
  refuseOperands(): void {
    const [operand] = this.operands;
    if (operand !== undefined) throw new UsageError(`expected no argument ${printable(operand)}`);
  }

  #number(option: string, shape: RegExp, from: number, to: number, what: string): number | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const value = shape.test(text) ? Number(text) : NaN;
    if (value >= from && value <= to) return value;
    throw new UsageError(
      `--${option}: expected ${what} from ${from} to ${to}, got ${printable(text) || 'nothing'}`,
    );
  }
}

/** Reads the arguments of a command. Throws a `UsageError` for an option that it does not have, or a value that is missing. */
export function readArguments(own: Options, args: readonly string[]): Arguments {
  const options: Options = { ...own, help };
  const operands: string[] = [];
  const values = new Map<string, string>();
  const types = Object.entries(options).map(([name, { takes }]) => [
    name,
    { type: takes === undefined ? 'boolean' : 'string', ...(name === 'help' && { short: 'h' }) } as const,
  ]);
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(types),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind === 'option') values.set(token.name, valueOf(options, token));
  }
  return new Arguments(operands, values);
}

function valueOf(options: Options, { name, rawName, value, inlineValue }: OptionToken): string {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option) {
    const meant = closest(name, Object.keys(options));
    throw new UsageError(`unknown option ${printable(rawName)}${meant ? `; did you mean --${meant}?` : ''}`);
  }
  if (option.takes === undefined) {
    if (value === undefined) return '';
    throw new UsageError(`--${name}: expected no value, got ${printable(value)}`);
  }
  if (value === undefined) throw new UsageError(`--${name}: expected a value (${option.takes}), got nothing`);
  // Probably the next option; a value that begins like one is given as --name=value.
  if (!inlineValue && /^--?[a-z]/i.test(value)) {
    throw new UsageError(`--${name}: expected a value (${option.takes}), got the option ${printable(value)}`);
  }
  return value;
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/** The options, one a line, for the help. */
export function describeOptions(own: Options): string {
  const rows = Object.entries(own).map(([name, { takes, text }]) => [
    takes === undefined ? `--${name}` : `--${name} ${takes}`,
    text,
  ]);
  rows.push(['-h, --help', help.text]);
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return rows.map(([name = '', text]) => `  ${name.padEnd(width)}  ${text}`).join('\n');
}
