import { nextTurn } from '../../primitives/next-turn.js';

/** A handshake whose promise is not settled yet. */
export class PendingHandshake {
  #whenSettled: (() => void) | undefined;

  /** Whether the socket has closed: a failure of the handshake may come from that. */
  get isWaitedFor(): boolean {
    return this.#whenSettled !== undefined;
  }

  /** Goes on when the promise is settled, but at the latest after one poll: what failed with the link says so by then. */
  whenSettled(goOn: () => void): void {
    this.#whenSettled = goOn;
    nextTurn(() => nextTurn(() => this.settled()));
  }

  /** The promise is settled, or nothing waits for it any more. */
  settled(): void {
    const goOn = this.#whenSettled;
    this.#whenSettled = undefined;
    goOn?.();
  }
}
