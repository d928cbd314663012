import { subscribe } from 'node:diagnostics_channel';

interface Event {
  readonly endpoint: { readonly port: number };
}

/** Counts the dials of this program, by what connman publishes. */
export class DialsInFlight {
  readonly #inFlight = new Map<number, number>();
  #peak = 0;
  #dials = 0;

  constructor() {
    const changed = (by: number) => (event: unknown) => this.#change(event as Event, by);
    subscribe('connman:connection:dial', changed(1));
    subscribe('connman:connection:dial-failed', changed(-1));
    subscribe('connman:connection:connected', changed(-1));
  }

  /** How many there were, and the most to one port at the same time, since this was last asked. */
  take(): { readonly dials: number; readonly peak: number } {
    const taken = { dials: this.#dials, peak: this.#peak };
    this.#dials = 0;
    this.#peak = 0;
    return taken;
  }

  #change({ endpoint: { port } }: Event, by: number): void {
    const inFlight = (this.#inFlight.get(port) ?? 0) + by;
    this.#inFlight.set(port, inFlight);
    if (by < 0) return;
    this.#dials += 1;
    this.#peak = Math.max(this.#peak, inFlight);
  }
}
