import type { Socket } from 'node:net';
import type { DialError, DialPhase } from '../../primitives/errors.js';
import { now, toTimestamp } from '../../primitives/time.js';
import {
  rareCounters,
  type ConnectionStats,
  type EventCount,
  type RequestStats,
  type Reset,
} from './counters.js';
import type { CounterTotals } from './totals.js';
import { bytesDispatched } from './traffic.js';

/** What a connection without trouble has none of: failed dials, and lives that are over. Made when first needed. */
class History {
  failedDials = 0;
  /** How many dials and handshakes have failed since the last handshake that was done. */
  failuresInRow = 0;
  lastReset: Reset | undefined;
  lastResetAt: number | undefined;
  lastDialError: DialError | undefined;
  lastDialErrorAt: number | undefined;
  bytesRead = 0;
  bytesWritten = 0;
  /** How many lives had begun when the last outage was told in which a write was refused. */
  toldOutage = -1;
  readonly counts: Partial<Record<EventCount, number>> = {};
}

/** What a connection has done so far, over all its lives. There is one for each connection, so it is small. */
export class ConnectionRecord {
  lives = 0;
  dials = 0;
  #history: History | undefined;

  /** How many dials and handshakes have failed since the last handshake that was done. */
  get failuresInRow(): number {
    return this.#history?.failuresInRow ?? 0;
  }

  get lastReset(): Reset | undefined {
    return this.#history?.lastReset;
  }

  get lastDialError(): DialError | undefined {
    return this.#history?.lastDialError;
  }

  /** The later of the two: the last failed dial, or the end of the last life. */
  get lastFailure(): DialError | Reset | undefined {
    const {
      lastReset,
      lastResetAt = -Infinity,
      lastDialError,
      lastDialErrorAt = -Infinity,
    } = this.#history ?? nothing;
    return lastDialErrorAt > lastResetAt ? lastDialError : lastReset;
  }

  beginDial(totals?: CounterTotals): void {
    this.dials += 1;
    totals?.count('dial');
  }

  /** Returns the number of the life that begins. */
  beginLife(totals?: CounterTotals): number {
    this.lives += 1;
    totals?.count('life');
    return this.lives;
  }

  /** A handshake is done: the failures before it do not count any more. */
  settle(): void {
    if (this.#history) this.#history.failuresInRow = 0;
  }

  /** A handshake has failed, as the `attempts`th failure in a row. */
  failHandshake(attempts: number): void {
    this.#past().failuresInRow = attempts;
  }

  /** The present life is over, and its socket closed. */
  endLife(socket: Socket, totals?: CounterTotals): void {
    const history = this.#past();
    const written = bytesDispatched(socket);
    history.bytesRead += socket.bytesRead;
    history.bytesWritten += written;
    totals?.lifeOver(socket.bytesRead, written);
  }

  recordReset(reset: Reset, totals?: CounterTotals): void {
    const history = this.#past();
    history.lastReset = reset;
    history.lastResetAt = now();
    this.count(reset.code, totals);
  }

  count(what: EventCount, totals?: CounterTotals): void {
    const { counts } = this.#past();
    counts[what] = (counts[what] ?? 0) + 1;
    totals?.count(what);
  }

  /** A write was refused. Returns whether it is the first one in this outage. */
  refuseWrite(totals?: CounterTotals): boolean {
    this.count('write-refused', totals);
    const history = this.#past();
    const isFirst = history.toldOutage !== this.lives;
    history.toldOutage = this.lives;
    return isFirst;
  }

  /** A dial has failed. `counts` is 0 where that is no failure in a row. */
  failDial(phase: DialPhase, error: DialError, totals?: CounterTotals, counts: 0 | 1 = 1): void {
    this.count(phase, totals);
    this.#past().failedDials += 1;
    this.shareFailure(error, counts);
  }

  /** A dial elsewhere has failed that would have failed here as well. Returns how many have, in a row. */
  shareFailure(error: DialError, counts: 0 | 1 = 1): number {
    const history = this.#past();
    history.lastDialError = error;
    history.lastDialErrorAt = now();
    history.failuresInRow += counts;
    return history.failuresInRow;
  }

  /** A snapshot. `present` is the socket of the present life, if there is one. */
  stats(holder: Holder, present: Socket | undefined, requests: RequestStats | undefined): ConnectionStats {
    const { id, pool, endpoint, state, isRetiring: retiring, uptime, dialer } = holder;
    const { lives, dials } = this;
    const history = this.#history ?? nothing;
    const { failedDials, lastReset, lastDialError, bytesRead, bytesWritten } = history;
    return Object.freeze({
      id,
      pool,
      endpoint,
      state,
      retiring,
      life: lives,
      uptime,
      dials,
      failedDials,
      lives,
      bytesRead: bytesRead + (present?.bytesRead ?? 0),
      bytesWritten: bytesWritten + (present ? bytesDispatched(present) : 0),
      unsentBytes: present?.writableLength ?? 0,
      gate: dialer.gateReport,
      noDialBefore: dialer.rest > 0 ? toTimestamp(now() + dialer.rest) : undefined,
      requests,
      ...rareCounters(this.#history?.counts),
      lastReset,
      lastResetAt: timestampOf(history.lastResetAt),
      lastDialError,
      lastDialErrorAt: timestampOf(history.lastDialErrorAt),
    });
  }

  #past(): History {
    this.#history ??= new History();
    return this.#history;
  }
}

function timestampOf(moment: number | undefined): number | undefined {
  return moment === undefined ? undefined : toTimestamp(moment);
}

const nothing: History = Object.freeze(new History());

/** Whose record it is. */
interface Holder extends Pick<ConnectionStats, 'id' | 'pool' | 'endpoint' | 'state' | 'uptime'> {
  readonly isRetiring: boolean;
  readonly dialer: { readonly gateReport: ConnectionStats['gate']; readonly rest: number };
}
