import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { it as plainIt } from '../support/fixtures.js';

/** The built command. */
const commandFile: string = join(__dirname, '..', '..', 'dist', 'cli', 'index.js');

interface Wait {
  readonly holds: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The built command, in a process of its own. */
export class Command {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves with the exit code once the process is gone and all that it wrote is here. */
  readonly exit: Promise<number | null>;
  readonly #waits = new Set<Wait>();
  #output = '';
  #complaints = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#check((this.#output += text)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#check((this.#complaints += text)));
    this.exit = once(child, 'close').then(([code]: (number | null)[]) => {
      const report = `exited with code ${code}:\n${this.#output}${this.#complaints}`;
      for (const { holds, reject } of this.#waits) reject(new Error(`never ${holds.toString()}; ${report}`));
      return code ?? null;
    });
  }

  /** What it wrote to its standard output. */
  get output(): string {
    return this.#output;
  }

  get lines(): string[] {
    return this.#output.split('\n').slice(0, -1);
  }

  /** What it wrote to its standard error. */
  get complaints(): string {
    return this.#complaints;
  }

  /** Resolves once the condition holds of what it wrote; rejects if it exits before. */
  until(holds: (command: this) => boolean): Promise<void> {
    if (holds(this)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waits.add({ holds: () => holds(this), resolve, reject });
    });
  }

  write(text: string): void {
    this.child.stdin.write(text);
  }

  /** What Ctrl-C does. */
  interrupt(): void {
    this.child.kill('SIGINT');
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }

  #check(_text: string): void {
    for (const wait of this.#waits) {
      if (!wait.holds()) continue;
      this.#waits.delete(wait);
      wait.resolve();
    }
  }
}

/** Starts `connman` with these arguments. */
export type StartCommand = (...args: (string | number)[]) => Command;

/** `it` with `start`, whose commands are killed after the test if they still run. */
export const it = plainIt.extend<{ start: StartCommand }>({
  // oxlint-disable-next-line no-empty-pattern
  start: async ({}, use) => {
    const commands: Command[] = [];
    await use((...args) => {
      const environment = { ...process.env, NO_COLOR: '' };
      const child = spawn(process.execPath, [commandFile, ...args.map(String)], { env: environment });
      const command = new Command(child);
      commands.push(command);
      return command;
    });
    await Promise.all(commands.map((command) => command.kill()));
  },
});
