import type { Connection, ConnectionManager, Pool } from '../index.js';
import { printable } from '../primitives/printable.js';
import { now, toTimestamp } from '../primitives/time.js';
import type { PoolLine } from './messages.js';
import type { Recording } from './recording.js';
import type { NextDial } from './sentences.js';
import type { Server } from './server.js';
import { nameOf } from './trouble.js';
import type { Survey } from './views.js';

/** From this many connections on, statistics may take that share of the time; those of fewer cost next to nothing. */
const many = 1_000;
const share = 1 / 200;

/**
 * Asks a manager what no channel says: who waits, and when the next dials are. The statistics of pools with many thousands of
 * connections take their time, so they are asked for less often then.
 */
export class Surveyor implements Survey {
  readonly #manager: ConnectionManager;
  readonly #recording: Recording;
  #pools: readonly PoolLine[] = [];
  #nextAt = 0;

  constructor(manager: ConnectionManager, recording: Recording) {
    this.#manager = manager;
    this.#recording = recording;
  }

  get pools(): readonly PoolLine[] {
    const begin = now();
    if (this.#recording.servers.connections >= many && begin < this.#nextAt) return this.#pools;
    this.#pools = this.#manager.pools.map((pool) => this.#ask(pool, begin));
    const end = now();
    this.#nextAt = end + (end - begin) / share;
    return this.#pools;
  }

  #ask(pool: Pool, at: number): PoolLine {
    const stats = pool.stats();
    const { name, size, ready, leased, waiting, timeouts, refusals, failedAcquires } = stats;
    for (const { endpoint, leased: leases } of stats.endpoints)
      this.#recording.leased(nameOf(endpoint), leases, at);
    const refused = timeouts + refusals + failedAcquires;
    return { name: printable(name), size, ready, leased, waiting, refused };
  }

  nextDials(servers: readonly Server[]): ReadonlyMap<number, NextDial> {
    const found = new Map<number, NextDial>();
    if (servers.length === 0) return found;
    const examples = this.#recording.servers.examples(servers);
    const servedBy = new Map([...examples].map(([server, id]) => [id, server]));
    for (const connection of this.#all()) {
      const server = servedBy.get(connection.id);
      if (server === undefined) continue;
      const { nextDialAt, waiting } = connection.stats().gate;
      const at = nextDialAt === undefined ? undefined : nextDialAt - toTimestamp(0);
      found.set(server, { at, waiting });
      if (found.size === servedBy.size) break;
    }
    return found;
  }

  *#all(): Generator<Connection> {
    yield* this.#manager.connections;
    for (const pool of this.#manager.pools) yield* pool;
  }
}
