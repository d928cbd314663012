import type { Socket } from 'node:net';
import type { OpenSocketLender, SocketLender } from '../lenders/socket-lender.js';
import type { OpenKeeper } from './keeper.js';

/**
 * A pool that does not notice when one of its sockets is closed, and opens another only when it is asked for one. So each socket is
 * borrowed for good, and a borrower that has lost its socket gives it back and asks again.
 */
export function keepBorrowed(open: OpenSocketLender): OpenKeeper {
  return (port, count, witness) => {
    const borrowers = new Borrowers(open(port, count, witness));
    for (let index = 0; index < count; index += 1) void borrowers.keepOne();
    return { close: () => borrowers.close() };
  };
}

class Borrowers {
  readonly #lender: SocketLender;
  readonly #lent = new Set<Socket>();
  #isOver = false;

  constructor(lender: SocketLender) {
    this.#lender = lender;
  }

  async keepOne(): Promise<void> {
    while (!this.#isOver) await this.#borrow();
  }

  close(): Promise<unknown> {
    this.#isOver = true;
    for (const socket of this.#lent) this.#lender.release(socket);
    return this.#lender.close();
  }

  /** Holds a socket until it is closed; a pool that fails is asked again, in the next turn. */
  async #borrow(): Promise<void> {
    const socket = await this.#lender.acquire().catch(() => undefined);
    if (!socket) {
      await new Promise(setImmediate);
      return;
    }
    this.#lent.add(socket);
    await closed(socket);
    this.#lent.delete(socket);
    if (!this.#isOver) this.#lender.discard(socket);
  }
}

function closed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => socket.resume().once('close', () => resolve()));
}
