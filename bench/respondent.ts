import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { start, type Side } from './processes.js';
import type { Answer, Answers, Question } from './programs/answers.js';

/** A program in a process of its own that answers questions, one after the other or several at a time. */
export class Respondent<A extends Answers> {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #waiting = new Map<number, (value: never) => void>();
  #asked = 0;

  constructor(program: string, side: Side, args: readonly string[] = []) {
    this.#child = start(program, side, args);
    this.#exit = once(this.#child, 'exit');
    this.#child.on('message', (message) => {
      const { number, value } = message as Answer;
      this.#waiting.get(number)?.(value as never);
      this.#waiting.delete(number);
    });
  }

  /** What it answers; rejects if it ends instead. */
  ask<Name extends keyof A & string>(
    name: Name,
    ...args: Parameters<A[Name]>
  ): Promise<Awaited<ReturnType<A[Name]>>> {
    const question: Question = { number: (this.#asked += 1), name, args };
    const answer = new Promise<Awaited<ReturnType<A[Name]>>>((resolve) => {
      this.#waiting.set(question.number, resolve);
    });
    this.#child.send(question);
    return Promise.race([answer, this.#ended(name)]);
  }

  /** Says what it is to do and not to answer. */
  tell(name: keyof A & string): void {
    this.#child.send({ number: 0, name, args: [] } satisfies Question);
  }

  /** Resolves once the process has ended by itself: whether it did so in time. */
  async hasEnded(patience: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), patience);
    });
    const inTime = await Promise.race([this.#exit.then(() => true), late]);
    clearTimeout(timer);
    return inTime;
  }

  /** Ends the process, as `kill -9` does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#exit;
  }

  async #ended(name: string): Promise<never> {
    await this.#exit;
    throw new Error(`${this.#child.spawnargs.slice(1).join(' ')}: ended instead of answering ${name}`);
  }
}
