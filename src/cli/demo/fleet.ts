import { connect, type Connection, type ConnectionOptions, createPool, type Endpoint } from '../../index.js';
import { PingHandler } from './ping-handler.js';
import type { Protocol } from './protocols.js';
import { formatTable } from '../shell/table.js';
import type { Timeline } from './timeline.js';

const poolSize = 4;
const header = ['connection', 'lives', 'bytes read', 'bytes written', 'pings sent', 'answered', 'lost'];

/** A single connection and a pool of four, which all ping one server. */
export class Fleet {
  readonly #connections: readonly Connection<PingHandler>[];

  constructor(endpoint: Endpoint, protocol: Protocol, timeline: Timeline, options: ConnectionOptions) {
    const single = connect(endpoint, new PingHandler('single', protocol, timeline), options);
    let made = 0;
    const pool = createPool('pool', () => new PingHandler(`pool ${made++}`, protocol, timeline), options);
    while (pool.size < poolSize) pool.addConnection(endpoint);
    this.#connections = [single, ...pool];
  }

  /** Resolves once every connection is ready. */
  async ready(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.ready()));
  }

  /** Sends one more ping on every connection. */
  ping(): void {
    for (const { handler } of this.#connections) handler.ping();
  }

  /** Stops pinging; resolves once every ping is answered or lost. */
  async finish(): Promise<void> {
    await Promise.all(this.#connections.map(({ handler }) => handler.finish()));
  }

  /** The counters of every connection, as a table. */
  table(): string {
    const rows = this.#connections.map((connection) => {
      const { bytesRead, bytesWritten } = connection.stats();
      const { name, counts } = connection.handler;
      return [name, counts.lives, bytesRead, bytesWritten, counts.sent, counts.answered, counts.lost];
    });
    return formatTable(header, rows);
  }

  /** Returns the problems found after that number of lives; none if all is well. */
  problems(lives: number): string[] {
    return this.#connections.flatMap(({ handler: { name, counts } }) => {
      const open = counts.sent - counts.answered - counts.lost;
      const found: string[] = [];
      if (counts.lives !== lives) found.push(`${name} lived ${counts.lives} lives, not ${lives}`);
      if (open !== 0) found.push(`${name} has ${open} pings that were neither answered nor reported lost`);
      return found;
    });
  }
}
