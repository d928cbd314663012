import type { Connection, Pool } from '../../../src/index.js';
import { LineLostError, type LineHandler } from '../../support/line-handler.js';

/** A request, and where it was sent. */
export interface Request {
  readonly line: string;
  readonly port: number | undefined;
}

/** How a request gets its connection. */
export type Way = (
  pool: Pool<LineHandler>,
  work: (connection: Connection<LineHandler>) => Promise<void>,
) => Promise<void>;

/** For exclusive use, each in its turn. */
export const byLease: Way = (pool, work) => pool.use(({ connection }) => work(connection));

/** Together with others. */
export const byPick: Way = (pool, work) => work(pool.pick());

/** Users of a pool to echo servers, each of whom sends one request after the other until it is stopped. */
export class Load {
  readonly inFlight: Set<Request> = new Set();
  readonly lost: Request[] = [];
  readonly wrong: Request[] = [];
  /** What users were told who got no connection, or none that could be used. */
  readonly failures: unknown[] = [];
  right = 0;
  readonly #pool: Pool<LineHandler>;
  readonly #way: Way;
  #sent = 0;
  #isStopped = false;
  #done: Promise<unknown> = Promise.resolve();

  constructor(pool: Pool<LineHandler>, way: Way) {
    this.#pool = pool;
    this.#way = way;
  }

  start(users: number): void {
    this.#done = Promise.all(Array.from({ length: users }, () => this.#run()));
  }

  /** Resolves when the last requests are over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }

  /** What is under way to the server of this port. */
  inFlightTo(port: number): Request[] {
    return [...this.inFlight].filter((request) => request.port === port);
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one request after the other
        await this.#way(this.#pool, (connection) => this.#send(connection));
      } catch (error) {
        if (!(error instanceof LineLostError)) this.failures.push(error);
        // oxlint-disable-next-line no-await-in-loop
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  async #send({ endpoint, handler }: Connection<LineHandler>): Promise<void> {
    const line = `request ${(this.#sent += 1)}`;
    const request: Request = { line, port: endpoint.port };
    this.inFlight.add(request);
    try {
      if ((await handler.ask(line)) === line) this.right += 1;
      else this.wrong.push(request);
    } catch (error) {
      if (error instanceof LineLostError) this.lost.push(request);
      throw error;
    } finally {
      this.inFlight.delete(request);
    }
  }
}
