import { startTimer } from '../../primitives/time.js';

/** How often to look, in milliseconds. */
const lookInterval = 5;

interface Serving {
  serve(): void;
}

/**
 * Serves the callers that wait for a connection once the answer to its ping has come. An application may read in any way, so that
 * no event tells of it; and a heartbeat that pings just then is rare.
 */
export class PingWait {
  readonly #leases: Serving;
  #isLooking = false;

  constructor(leases: Serving) {
    this.#leases = leases;
  }

  /** Nothing is free but a connection that waits for the answer to a ping. */
  begin(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    startTimer(lookInterval, false, () => {
      this.#isLooking = false;
      this.#leases.serve();
    });
  }
}
