import { Requests, type Connection, type Handler, type Pool, type Reset } from '../../../src/index.js';

/** Answers come line by line, in order. */
export class Asker implements Handler {
  readonly requests: Requests<string> = new Requests();
  readonly resets: Reset[] = [];
  #rest = '';

  onConnect(_: unknown, connection: Connection): void {
    this.#rest = '';
    this.requests.attach(connection);
  }

  onReset(reset: Reset): void {
    this.resets.push(reset);
  }

  onData(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.requests.resolve(line);
  }
}

/** Shared use of a pool at a steady rate: each request goes to the connection that `pick()` returns. */
export class SteadyLoad {
  answered = 0;
  /** Requests that were sent and got no answer, or none of theirs. */
  readonly lost: unknown[] = [];
  /** Calls of `pick()` that returned no connection, and requests that could not be sent. */
  readonly refused: unknown[] = [];
  readonly #pool: Pool<Asker>;
  readonly #timer: NodeJS.Timeout;
  readonly #pending: Set<Promise<void>> = new Set();
  #sent = 0;

  constructor(pool: Pool<Asker>, perSecond: number) {
    this.#pool = pool;
    this.#timer = setInterval(() => this.#send(), 1_000 / perSecond);
  }

  /** How many requests are under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Sends no more. Resolves when all that was sent is settled. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }

  #send(): void {
    const line = `request ${(this.#sent += 1)}`;
    let connection: Connection<Asker>;
    try {
      connection = this.#pool.pick();
    } catch (error) {
      this.refused.push(error);
      return;
    }
    const asked = this.#ask(connection, line);
    this.#pending.add(asked);
    void asked.then(() => this.#pending.delete(asked));
  }

  async #ask({ handler }: Connection<Asker>, line: string): Promise<void> {
    try {
      const answer = await handler.requests.send(`${line}\n`);
      if (answer === line) this.answered += 1;
      else this.lost.push(answer);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      (code === 'CONNMAN_CLOSED' ? this.refused : this.lost).push(error);
    }
  }
}
