import type { Handler, ManagedSocket, Reset } from '../../src/index.js';

/** What a request is rejected with when its life has ended. */
export class LineLostError extends Error {
  readonly reset: Reset;

  constructor(reset: Reset) {
    super(`lost by a reset: ${reset.code}`);
    this.reset = reset;
  }
}

interface Outstanding {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** A client of a server that answers line by line, in order: several requests may be under way at a time. */
export class LineHandler implements Handler {
  #socket: ManagedSocket | undefined;
  #outstanding: Outstanding[] = [];
  #partialLine = '';

  onConnect(socket: ManagedSocket): void {
    this.#socket = socket;
  }

  onReconnect(socket: ManagedSocket): void {
    this.#socket = socket;
  }

  onReset(reset: Reset): void {
    const lost = this.#outstanding;
    this.#socket = undefined;
    this.#outstanding = [];
    this.#partialLine = '';
    for (const { reject } of lost) reject(new LineLostError(reset));
  }

  onData(chunk: Buffer): void {
    const lines = (this.#partialLine + chunk.toString('latin1')).split('\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) this.#outstanding.shift()?.resolve(line);
  }

  /** Sends a line; resolves with the one that answers it. */
  ask(line: string): Promise<string> {
    const socket = this.#socket;
    if (!socket) return Promise.reject(new Error('asked while not connected'));
    return new Promise((resolve, reject) => {
      this.#outstanding.push({ resolve, reject });
      socket.write(`${line}\n`, 'latin1');
    });
  }
}
