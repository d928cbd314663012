import type { Socket } from 'node:net';
import type { DialError, DialPhase } from '../../primitives/errors.js';
import { now } from '../../primitives/time.js';
import { rareCounters, type ConnectionStats, type Rarity, type Reset } from './counters.js';
import type { Tally } from './totals.js';

/** What most connections that are up have nothing of: dials that have failed, and lives that are over. */
class Past {
  failedDials = 0;
  /** How many dials have failed since the last life began. */
  failuresInRow = 0;
  lastReset: Reset | undefined;
  lastDialError: DialError | undefined;
  bytesRead = 0;
  bytesWritten = 0;
  readonly rarities: Partial<Record<Rarity, number>> = {};
}

/** What a connection has done so far, over all its lives. There are many of them, so it is small. */
export class Ledger {
  life = 0;
  dials = 0;
  #bornAt: number | undefined;
  #past: Past | undefined;

  /** Whether a life is going on. */
  get isAlive(): boolean {
    return this.#bornAt !== undefined;
  }

  /** How long the present life has lasted, in milliseconds; 0 outside a life. */
  get uptime(): number {
    return this.#bornAt === undefined ? 0 : now() - this.#bornAt;
  }

  /** How many dials have failed since the last life began. */
  get failuresInRow(): number {
    return this.#past?.failuresInRow ?? 0;
  }

  get lastReset(): Reset | undefined {
    return this.#past?.lastReset;
  }

  get lastDialError(): DialError | undefined {
    return this.#past?.lastDialError;
  }

  set lastDialError(error: DialError) {
    this.#past ??= new Past();
    this.#past.lastDialError = error;
  }

  beginDial(): void {
    this.dials += 1;
  }

  beginLife(): void {
    this.life += 1;
    // A number with a fraction would be an object of its own.
    this.#bornAt = Math.floor(now());
    if (this.#past) this.#past.failuresInRow = 0;
  }

  /** The present life is over, and its socket closed; says how long it lasted. */
  endLife(socket: Socket): number {
    const { uptime } = this;
    this.#bornAt = undefined;
    this.#past ??= new Past();
    this.#past.bytesRead += socket.bytesRead;
    this.#past.bytesWritten += bytesDispatched(socket);
    return uptime;
  }

  /** The end of the life that was over last. */
  recordReset(reset: Reset): void {
    this.#past ??= new Past();
    this.#past.lastReset = reset;
    this.count(reset.code);
  }

  count(what: Rarity): void {
    this.#past ??= new Past();
    const { rarities } = this.#past;
    rarities[what] = (rarities[what] ?? 0) + 1;
  }

  /** A dial has failed; says how many have, in a row. */
  failDial(phase: DialPhase): number {
    this.count(phase);
    this.#past ??= new Past();
    this.#past.failedDials += 1;
    this.#past.failuresInRow += 1;
    return this.#past.failuresInRow;
  }

  /** A dial of another has failed, which would have failed for it as well; says how many have, in a row. */
  shareFailure(error: DialError): number {
    this.#past ??= new Past();
    this.#past.lastDialError = error;
    this.#past.failuresInRow += 1;
    return this.#past.failuresInRow;
  }

  /** Adds all of it that is over to a sum. */
  addTo(sum: Tally): void {
    const { failedDials, bytesRead, bytesWritten, rarities } = this.#past ?? nothing;
    sum.dials += this.dials;
    sum.failedDials += failedDials;
    sum.lives += this.life;
    sum.bytesRead += bytesRead;
    sum.bytesWritten += bytesWritten;
    for (const what of Object.keys(rarities) as Rarity[]) sum.count(what, rarities[what]);
  }

  stats(holder: Holder): ConnectionStats {
    const { id, pool, endpoint, state, gate } = holder;
    const { life, uptime, dials } = this;
    const present = this.isAlive ? holder.socket : undefined;
    const { failedDials, lastReset, lastDialError, bytesRead, bytesWritten } = this.#past ?? nothing;
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
      bytesRead: bytesRead + (present?.bytesRead ?? 0),
      bytesWritten: bytesWritten + (present ? bytesDispatched(present) : 0),
      unsentBytes: present?.writableLength ?? 0,
      gate,
      ...rareCounters(this.#past?.rarities),
      lastReset,
      lastDialError,
    });
  }
}

/** The past of whom all went well. */
const nothing: Past = Object.freeze(new Past());

/** Whose ledger it is. */
type Holder = Pick<ConnectionStats, 'id' | 'pool' | 'endpoint' | 'state' | 'gate'> & {
  readonly socket: Socket;
};

/**
 * What was given to the operating system. `bytesWritten` also counts what waits to be, which is dropped when a life ends:
 * then it becomes less.
 */
function bytesDispatched(socket: Socket & { readonly _bytesDispatched?: number }): number {
  return socket._bytesDispatched ?? socket.bytesWritten ?? 0;
}
