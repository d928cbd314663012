import type { CloseReason, DialFailure, Handler, ManagedSocket, Reset } from '../../src/index.js';

type EventName = 'connect' | 'reset' | 'reconnect' | 'data' | 'retry' | 'close' | 'error';

interface Wait {
  readonly name: EventName;
  readonly count: number;
  readonly resolve: () => void;
}

/** A handler that writes down what it is told, and lets a test wait for it. */
export class Recorder implements Handler {
  /** The names of the callbacks, in order; runs of `data` count as one. */
  readonly events: EventName[] = [];
  readonly resets: Reset[] = [];
  readonly failures: DialFailure[] = [];
  readonly sockets: ManagedSocket[] = [];
  readonly errors: { readonly error: unknown; readonly where: string }[] = [];
  readonly closings: CloseReason[] = [];
  /** The input of each life; the first is life 1. */
  readonly input: string[] = [];
  readonly #counts: Map<EventName, number> = new Map();
  readonly #waits: Set<Wait> = new Set();

  /** Resolves when the callback has been called `count` times in all. */
  until(name: EventName, count = 1): Promise<void> {
    if (this.count(name) >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waits.add({ name, count, resolve }));
  }

  count(name: EventName): number {
    return this.#counts.get(name) ?? 0;
  }

  onConnect(socket: ManagedSocket): void | Promise<void> {
    this.sockets.push(socket);
    this.input.push('');
    this.#record('connect');
  }

  onReset(reset: Reset): void {
    this.resets.push(reset);
    this.#record('reset');
  }

  onReconnect(socket: ManagedSocket): void | Promise<void> {
    this.sockets.push(socket);
    this.input.push('');
    this.#record('reconnect');
  }

  onData(chunk: Buffer): void {
    this.input[this.input.length - 1] += chunk.toString('latin1');
    this.#record('data');
  }

  onRetry(failure: DialFailure): void {
    this.failures.push(failure);
    this.#record('retry');
  }

  onClose(reason: CloseReason): void {
    this.closings.push(reason);
    this.#record('close');
  }

  onError(error: unknown, where: string): void {
    this.errors.push({ error, where });
    this.#record('error');
  }

  #record(name: EventName): void {
    const count = this.count(name) + 1;
    this.#counts.set(name, count);
    if (name !== 'data' || this.events.at(-1) !== 'data') this.events.push(name);
    for (const wait of this.#waits) {
      if (wait.name === name && count >= wait.count) {
        this.#waits.delete(wait);
        wait.resolve();
      }
    }
  }
}
