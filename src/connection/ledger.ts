import type { Socket } from 'node:net';
import type { DialError, DialPhase } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import { rareCounters, type ConnectionStats, type Rarity, type Reset } from './events.js';

/** What a connection has done so far, over all its lives. */
export class Ledger {
  life = 0;
  dials = 0;
  failedDials = 0;
  /** How many dials have failed since the last life began. */
  failuresInRow = 0;
  lastReset: Reset | undefined;
  lastDialError: DialError | undefined;
  #bornAt: number | undefined;
  #bytesRead = 0;
  #bytesWritten = 0;
  #rarities: Partial<Record<Rarity, number>> | undefined;

  /** Whether a life is going on. */
  get isAlive(): boolean {
    return this.#bornAt !== undefined;
  }

  /** How long the present life has lasted, in milliseconds; 0 outside a life. */
  get uptime(): number {
    return this.#bornAt === undefined ? 0 : now() - this.#bornAt;
  }

  beginDial(): void {
    this.dials += 1;
  }

  beginLife(): void {
    this.life += 1;
    this.failuresInRow = 0;
    this.#bornAt = now();
  }

  /** The present life is over, and its socket closed; says how long it lasted. */
  endLife(socket: Socket): number {
    const { uptime } = this;
    this.#bornAt = undefined;
    this.#bytesRead += socket.bytesRead;
    this.#bytesWritten += bytesDispatched(socket);
    return uptime;
  }

  /** The end of the life that was over last. */
  recordReset(reset: Reset): void {
    this.lastReset = reset;
    this.count(reset.code);
  }

  count(what: Rarity): void {
    this.#rarities ??= {};
    this.#rarities[what] = (this.#rarities[what] ?? 0) + 1;
  }

  /** A dial has failed; says how many have, in a row. */
  failDial(phase: DialPhase): number {
    this.count(phase);
    this.failedDials += 1;
    this.failuresInRow += 1;
    return this.failuresInRow;
  }

  /** A dial of another has failed, which would have failed for it as well; says how many have, in a row. */
  shareFailure(error: DialError): number {
    this.lastDialError = error;
    this.failuresInRow += 1;
    return this.failuresInRow;
  }

  stats(holder: Holder): ConnectionStats {
    const { id, pool, endpoint, state } = holder;
    const { life, uptime, dials, failedDials, lastReset, lastDialError } = this;
    const present = this.isAlive ? holder.socket : undefined;
    return Object.freeze({
      id,
      pool,
      endpoint,
      state,
      life,
      uptime,
      dials,
      failedDials,
      lives: life,
      bytesRead: this.#bytesRead + (present?.bytesRead ?? 0),
      bytesWritten: this.#bytesWritten + (present ? bytesDispatched(present) : 0),
      unsentBytes: present?.writableLength ?? 0,
      ...rareCounters(this.#rarities),
      lastReset,
      lastDialError,
    });
  }
}

/** Whose ledger it is. */
type Holder = Pick<ConnectionStats, 'id' | 'pool' | 'endpoint' | 'state'> & { readonly socket: Socket };

/**
 * What was given to the operating system. `bytesWritten` also counts what waits to be, which is dropped when a life ends:
 * then it becomes less.
 */
function bytesDispatched(socket: Socket & { readonly _bytesDispatched?: number }): number {
  return socket._bytesDispatched ?? socket.bytesWritten ?? 0;
}
