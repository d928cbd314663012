import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { it as plainIt } from '../support/fixtures.js';

interface Wait {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A program of `examples`, in a process of its own, which uses the built package by its name. */
class Example {
  /** Resolves with the exit code once the process is gone and all that it wrote is here. */
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waits: Set<Wait> = new Set();
  #output = '';
  #complaints = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text));
    this.exit = once(child, 'close').then(([code]: (number | null)[]) => {
      const report = `exited with code ${code}:\n${this.#output}${this.#complaints}`;
      for (const { text, reject } of this.#waits) reject(new Error(`no "${text}", ${report}`));
      return code ?? null;
    });
  }

  /** What it wrote to its standard output. */
  get output(): string {
    return this.#output;
  }

  /** What it wrote to its standard error. */
  get complaints(): string {
    return this.#complaints;
  }

  /** Resolves once it has written `text`; rejects if it exits before. */
  until(text: string): Promise<void> {
    if (this.#output.includes(text)) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waits.add({ text, resolve, reject }));
  }

  /** What Ctrl-C does. */
  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  /** What a supervisor does that wants it to end. */
  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  /** Ends the process, if it is there. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit;
  }

  #hear(text: string): void {
    this.#output += text;
    for (const wait of this.#waits) {
      if (!this.#output.includes(wait.text)) continue;
      this.#waits.delete(wait);
      wait.resolve();
    }
  }
}

/** Starts a file of `examples`. */
export type StartExample = (file: string, ...args: (string | number)[]) => Example;

/** `it` with `start`, whose examples are killed after the test if they still run. */
export const it = plainIt.extend<{ start: StartExample }>({
  // oxlint-disable-next-line no-empty-pattern
  start: async ({}, use) => {
    const examples: Example[] = [];
    await use((file, ...args) => {
      const path = join(__dirname, '..', '..', 'examples', file);
      const child = spawn(process.execPath, ['--import', 'tsx', path, ...args.map(String)]);
      const example = new Example(child);
      examples.push(example);
      return example;
    });
    await Promise.all(examples.map((example) => example.kill()));
  },
});
