import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it as plainIt } from './fixtures.js';

/** What a program has told on its standard output: a line of JSON for each event. */
export interface Told {
  readonly event: string;
  readonly [detail: string]: unknown;
}

interface Wait {
  readonly event: string;
  readonly count: number;
  readonly resolve: (told: Told) => void;
  readonly reject: (error: Error) => void;
}

/** A program of `test/programs`, in a process of its own, which uses the built package by its name. */
export class Program {
  readonly told: Told[] = [];
  /** Resolves once the process is gone and all that it told is here. */
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly #child: ChildProcess;
  readonly #waits: Set<Wait> = new Set();
  #complaints = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (chunk: Buffer) => (this.#complaints += chunk.toString()));
    if (child.stdout) createInterface(child.stdout).on('line', (line) => this.#hear(line));
    this.exit = once(child, 'close').then(([code, signal]) => {
      for (const wait of this.#waits)
        wait.reject(new Error(`exited without "${wait.event}": ${this.complaints}`));
      return { code, signal };
    });
  }

  /** What the program wrote to its standard error. */
  get complaints(): string {
    return this.#complaints;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** How often the program has told of `event`. */
  count(event: string): number {
    return this.told.filter((each) => each.event === event).length;
  }

  /** Resolves with what was told at the `count`-th `event`; rejects if the program exits before. */
  until(event: string, count = 1): Promise<Told> {
    const told = this.told.filter((each) => each.event === event)[count - 1];
    if (told) return Promise.resolve(told);
    return new Promise((resolve, reject) => this.#waits.add({ event, count, resolve, reject }));
  }

  /** Sends the process a signal, if it is there. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends the process, if it is there. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit;
  }

  #hear(line: string): void {
    const told = parse(line);
    this.told.push(told);
    for (const wait of this.#waits) {
      if (wait.event !== told.event || this.count(told.event) < wait.count) continue;
      this.#waits.delete(wait);
      wait.resolve(told);
    }
  }
}

function parse(line: string): Told {
  return JSON.parse(line);
}

/** How a program is started. */
export interface StartOptions {
  /** Flags for Node.js. */
  readonly flags?: readonly string[];
  /** More of an environment. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The beginning of the command line: a program that becomes this one, when it has prepared something for it. */
  readonly within?: readonly string[];
}

/** Starts `test/programs/<name>.cjs`, which gets `args`. */
export type StartProgram = (name: string, args: object, options?: StartOptions) => Program;

/** `it` with `start`, whose programs are killed after the test if they still run. */
export const it = plainIt.extend<{ start: StartProgram }>({
  start: async ({ task }, use) => {
    const programs: Program[] = [];
    await use((name, args, { flags = [], environment = {}, within = [] } = {}) => {
      const file = join(__dirname, '..', 'programs', `${name}.cjs`);
      const [command, ...rest] = [...within, process.execPath, ...flags, file, JSON.stringify(args)];
      const child = spawn(command, rest, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...environment },
      });
      const program = new Program(child);
      programs.push(program);
      return program;
    });
    await Promise.all(programs.map((program) => program.kill()));
    if (task.result?.state === 'fail') for (const { complaints } of programs) console.error(complaints);
  },
});
