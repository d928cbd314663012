import type { ChildProcess } from 'node:child_process';

const patience = 60_000;

/** What a process sends its parent, in order, to be asked for one by one. */
export class Conversation {
  readonly #child: ChildProcess;
  readonly #heard: unknown[] = [];
  #hasEnded = false;
  #stirred: () => void = () => {};

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message) => {
      this.#heard.push(message);
      this.#stirred();
    });
    child.once('exit', () => {
      this.#hasEnded = true;
      this.#stirred();
    });
  }

  /** The next message; rejects if the process ends without one, or is silent for too long. */
  async next(): Promise<unknown> {
    if (this.#heard.length === 0 && !this.#hasEnded) await this.#somethingHappens();
    if (this.#heard.length > 0) return this.#heard.shift();
    this.#child.kill('SIGKILL');
    throw new Error(`${this.#child.spawnargs.slice(1).join(' ')}: ended or fell silent without a result`);
  }

  #somethingHappens(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.#stirred = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
