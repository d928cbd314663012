import type { Socket } from 'node:net';
import type { Endpoint } from '../primitives/endpoint.js';
import type { DialError } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import type { ConnectionStats, Reset } from './events.js';
import type { ConnectionState } from './life-cycle.js';

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

  /** Whether a life is going on. */
  get isAlive(): boolean {
    return this.#bornAt !== undefined;
  }

  /** How long the present life has lasted, in milliseconds; 0 outside a life. */
  get uptime(): number {
    return this.#bornAt === undefined ? 0 : now() - this.#bornAt;
  }

  /** A dial begins, with which the socket's own counters start again. */
  beginDial(socket: Socket | undefined): void {
    this.dials += 1;
    this.#bytesRead += socket?.bytesRead ?? 0;
    this.#bytesWritten += socket?.bytesWritten ?? 0;
  }

  beginLife(): void {
    this.life += 1;
    this.failuresInRow = 0;
    this.#bornAt = now();
  }

  /** The present life is over; says how long it lasted. */
  endLife(): number {
    const { uptime } = this;
    this.#bornAt = undefined;
    return uptime;
  }

  /** A dial has failed; says how many have, in a row. */
  failDial(): number {
    this.failedDials += 1;
    this.failuresInRow += 1;
    return this.failuresInRow;
  }

  stats(endpoint: Endpoint, state: ConnectionState, socket: Socket): ConnectionStats {
    return Object.freeze({
      endpoint,
      state,
      life: this.life,
      uptime: this.uptime,
      dials: this.dials,
      failedDials: this.failedDials,
      bytesRead: this.#bytesRead + socket.bytesRead,
      bytesWritten: this.#bytesWritten + (socket.bytesWritten ?? 0),
      lastReset: this.lastReset,
      lastDialError: this.lastDialError,
    });
  }
}
