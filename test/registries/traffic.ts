import type { Connection, Handler, Pool } from '../../src/index.js';
import { until } from '../support/fixtures.js';

/** An answer: by which server, and when. */
export interface Answer {
  readonly port: number | undefined;
  readonly at: number;
}

/** How a request gets its connection. */
export type Way<H extends Handler> = (
  pool: Pool<H>,
  work: (connection: Connection<H>) => Promise<unknown>,
) => Promise<unknown>;

export function byPick<H extends Handler>(
  pool: Pool<H>,
  work: (connection: Connection<H>) => Promise<unknown>,
): Promise<unknown> {
  return work(pool.pick());
}

export function byLease<H extends Handler>(
  pool: Pool<H>,
  work: (connection: Connection<H>) => Promise<unknown>,
): Promise<unknown> {
  return pool.use(({ connection }) => work(connection));
}

/** Users of a pool, each of whom sends one request after the other until it is stopped. */
export class Traffic<H extends Handler> {
  readonly answers: Answer[] = [];
  /** What was sent and not answered. */
  readonly lost: unknown[] = [];
  /** What could not be sent. */
  readonly refused: unknown[] = [];
  readonly #pool: Pool<H>;
  readonly #ask: (handler: H) => Promise<unknown>;
  readonly #way: Way<H>;
  readonly #done: Promise<unknown>;
  #isStopped = false;

  constructor(pool: Pool<H>, ask: (handler: H) => Promise<unknown>, users: number, way: Way<H> = byPick) {
    this.#pool = pool;
    this.#ask = ask;
    this.#way = way;
    this.#done = Promise.all(Array.from({ length: users }, () => this.#run()));
  }

  /** Resolves when the last requests are over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }

  /**
   * How many answers each server gives in the second after a moment, and in as many answers as a machine that is not busy gets in
   * it: each as a part of what would be the same for all.
   */
  async sharesAfter(moment: number, ports: readonly number[]): Promise<number[]> {
    const from = this.answers.filter(({ at }) => at < moment).length;
    await until(() => performance.now() >= moment + 1_000 && this.answers.length >= from + 3_000);
    const all = this.answers.slice(from);
    return ports.map(
      (port) => (all.filter((answer) => answer.port === port).length / all.length) * ports.length,
    );
  }

  /* oxlint-disable no-await-in-loop -- one request after the other */
  async #run(): Promise<void> {
    while (!this.#isStopped) {
      let isSent = false;
      try {
        await this.#way(this.#pool, async ({ endpoint: { port }, handler }) => {
          const answered = this.#ask(handler);
          isSent = true;
          await answered;
          this.answers.push({ port, at: performance.now() });
        });
      } catch (error) {
        (isSent ? this.lost : this.refused).push(error);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
  /* oxlint-enable no-await-in-loop */
}
