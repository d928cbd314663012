import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { start, type Side } from './processes.js';
import type { Answer, Answers, Question } from './programs/answers.js';

/** How long to wait for an answer. */
const longestWait = 60_000;

/** A program in a process of its own that answers questions, one after the other or several at a time. */
export class Respondent<A extends Answers> {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  readonly #waiting = new Map<number, (value: never) => void>();
  #asked = 0;

  constructor(program: string, side: Side, args: readonly string[] = [], flags: readonly string[] = []) {
    this.#child = start(program, side, args, { flags });
    this.#exit = once(this.#child, 'exit');
    this.#child.on('message', (message) => {
      const { number, value } = message as Answer;
      this.#waiting.get(number)?.(value as never);
      this.#waiting.delete(number);
    });
  }

  /** What it answers; rejects if it ends instead, or takes too long. */
  ask<Name extends keyof A & string>(
    name: Name,
    ...args: Parameters<A[Name]>
  ): Promise<Awaited<ReturnType<A[Name]>>> {
    const question: Question = { number: (this.#asked += 1), name, args };
    const answer = new Promise<Awaited<ReturnType<A[Name]>>>((resolve) => {
      this.#waiting.set(question.number, resolve);
    });
    this.#child.send(question);
    return within(Promise.race([answer, this.#ended(name)]), longestWait, () => {
      throw new Error(`${this.#what}: no answer to ${name} within ${longestWait} ms`);
    });
  }

  /** Says what it is to do and not to answer. */
  tell(name: keyof A & string): void {
    this.#child.send({ number: 0, name, args: [] } satisfies Question);
  }

  /** Resolves once the process has ended by itself: whether it did so in time. */
  hasEnded(patience: number): Promise<boolean> {
    const ended = this.#exit.then(([code]) => {
      if (code === 0) return true;
      throw new Error(`${this.#what}: ended with code ${String(code)}`);
    });
    return within(ended, patience, () => false);
  }

  /** Ends the process, as `kill -9` does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exit;
  }

  async #ended(name: string): Promise<never> {
    await this.#exit;
    throw new Error(`${this.#what}: ended instead of answering ${name}`);
  }

  get #what(): string {
    return this.#child.spawnargs.slice(1).join(' ');
  }
}

/** What comes of `work`, or of `late` if that takes longer. */
async function within<T>(work: Promise<T>, patience: number, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, patience);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
