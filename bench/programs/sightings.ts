interface Stretch {
  readonly first: number;
  last: number;
}

/** Notes when connections come up, by port. */
export class Sightings {
  readonly #stretches = new Map<number, Stretch>();

  /** One has come up, now. */
  add(port: number): void {
    const now = performance.now();
    const stretch = this.#stretches.get(port);
    if (stretch) stretch.last = now;
    else this.#stretches.set(port, { first: now, last: now });
  }

  /** Milliseconds from the first to the last since this was last asked: of all, and the longest of a single port. */
  take(): { readonly spread: number; readonly endpointSpread: number } {
    const stretches = [...this.#stretches.values()];
    this.#stretches.clear();
    const first = Math.min(...stretches.map((stretch) => stretch.first));
    const last = Math.max(...stretches.map((stretch) => stretch.last));
    const endpointSpread = Math.max(...stretches.map((stretch) => stretch.last - stretch.first));
    return { spread: last - first, endpointSpread };
  }
}
