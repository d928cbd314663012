import type { Handler } from '../../connection/index.js';
import type { Member } from '../members/member.js';

/** What a socket had read and written when the last lease of its connection ended. */
interface Traffic {
  readonly read: number;
  readonly written: number;
}

/** The lease ended in this turn of the event loop: nothing can have come since. */
const thisTurn: object = Object.freeze({});

/** Whether it says what had gone over the socket. Asked for at each loan. */
export function isRemembered(traffic: object | undefined): boolean {
  return traffic !== undefined && traffic !== thisTurn;
}

/**
 * Finds input that came while a connection was free although nothing was written since its last lease: the rest of an answer to
 * that lease. The counters of a socket cost ten times as much as a lease, so they are read once the turn of the event loop is
 * over, and only of connections that are still free then.
 */
export class FreeInput<H extends Handler> {
  #released: Member<H>[] = [];

  /** A lease on this connection has ended, and the life goes on. */
  released(member: Member<H>): void {
    if (member.traffic === thisTurn) return;
    if (this.#released.length === 0) process.nextTick(() => this.#turnEnds());
    this.#released.push(member);
    member.traffic = thisTurn;
  }

  /** How many bytes came since the last lease although nothing was written. */
  count({ traffic, connection: { socket } }: Member<H>): number {
    if (!isRemembered(traffic)) return 0;
    const { read, written } = traffic as Traffic;
    const { bytesRead } = socket;
    return bytesRead > read && bytesWritten(socket) === written ? bytesRead - read : 0;
  }

  #turnEnds(): void {
    const members = this.#released;
    this.#released = [];
    for (const member of members) {
      // The life may have ended, and what it has read is of no interest then.
      if (member.traffic !== thisTurn) continue;
      member.traffic =
        member.status === 'free' && !awaitsAnswers(member) ? trafficOf(member.connection.socket) : undefined;
    }
  }
}

/** Whether requests of others are under way, whose answers come while it is free. */
function awaitsAnswers(member: Member<never> | Member): boolean {
  return member.group.pending > 0 && member.pending > 0;
}

function trafficOf(socket: Counted): Traffic {
  return { read: socket.bytesRead, written: bytesWritten(socket) };
}

/** As `bytesWritten`, for which Node.js looks through what waits to be sent. */
function bytesWritten(socket: Counted): number {
  return (socket.writableLength === 0 ? socket._bytesDispatched : undefined) ?? socket.bytesWritten;
}

interface Counted {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly writableLength: number;
  readonly _bytesDispatched?: number;
}
