interface Stretch {
  readonly first: number;
  last: number;
  /** How many of them are up. */
  count: number;
}

/** Notes when connections come up, by port. */
export class Sightings {
  readonly #stretches = new Map<number, Stretch>();

  /** One has come up, now. */
  add(port: number): void {
    const now = performance.now();
    const stretch = this.#stretches.get(port);
    if (stretch && stretch.count > 0) {
      stretch.last = now;
      stretch.count += 1;
    } else {
      this.#stretches.set(port, { first: now, last: now, count: 1 });
    }
  }

  /** One is lost. A server that is being killed may still take connections: who lost them all has not come back. */
  remove(port: number): void {
    const stretch = this.#stretches.get(port);
    if (stretch) stretch.count -= 1;
  }

  /**
   * Milliseconds from the first to the last of those that have come up since none was: of all, and the longest of a
   * single port.
   */
  take(): { readonly spread: number; readonly endpointSpread: number } {
    const stretches = [...this.#stretches.values()];
    const first = Math.min(...stretches.map((stretch) => stretch.first));
    const last = Math.max(...stretches.map((stretch) => stretch.last));
    const endpointSpread = Math.max(...stretches.map((stretch) => stretch.last - stretch.first));
    return { spread: last - first, endpointSpread };
  }
}
