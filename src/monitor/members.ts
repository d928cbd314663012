/** How far a connection is. */
export const phases = { away: 0, open: 1, ready: 2 } as const;
export type Phase = (typeof phases)[keyof typeof phases];

const closed = 255;

/**
 * The connections of a manager, by number: with which server each is, and how far. Columns of numbers, nine bytes for each
 * connection, since there may be many thousands. Numbers grow, so a new one is added at the end.
 */
export class Members {
  #ids = new Uint32Array(64);
  #servers = new Uint32Array(64);
  #phases = new Uint8Array(64);
  #length = 0;
  #closed = 0;

  /** How many there are. */
  get size(): number {
    return this.#length - this.#closed;
  }

  /** Where a connection is in the columns; -1 for one that is not among them. */
  find(id: number): number {
    let [low, high] = [0, this.#length - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#ids[middle] as number;
      if (found === id) return this.#phases[middle] === closed ? -1 : middle;
      if (found < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  serverAt(place: number): number {
    return this.#servers[place] as number;
  }

  phaseAt(place: number): Phase {
    return this.#phases[place] as Phase;
  }

  set(place: number, server: number, phase: Phase): void {
    this.#servers[place] = server;
    this.#phases[place] = phase;
  }

  /** Adds a connection whose number is higher than all that were added before. */
  add(id: number, server: number, phase: Phase): void {
    if (this.#length === this.#ids.length) this.#resize();
    const place = this.#length++;
    this.#ids[place] = id;
    this.set(place, server, phase);
  }

  remove(place: number): void {
    this.#phases[place] = closed;
    this.#closed += 1;
  }

  /** For each of these servers, a connection that is not ready, by server. */
  examples(servers: ReadonlySet<number>): Map<number, number> {
    const found = new Map<number, number>();
    for (let place = 0; place < this.#length && found.size < servers.size; place += 1) {
      const [server, phase] = [this.#servers[place] as number, this.#phases[place] as number];
      if (phase < phases.ready && servers.has(server) && !found.has(server))
        found.set(server, this.#ids[place] as number);
    }
    return found;
  }

  /** Makes room: by leaving out what is closed where that is much, else by columns of twice the length. */
  #resize(): void {
    const length = this.#closed * 4 > this.#length ? this.#length : this.#length * 2;
    const [ids, servers, steps] = [this.#ids, this.#servers, this.#phases];
    this.#ids = new Uint32Array(length);
    this.#servers = new Uint32Array(length);
    this.#phases = new Uint8Array(length);
    let to = 0;
    for (let from = 0; from < this.#length; from += 1) {
      if (steps[from] === closed) continue;
      this.#ids[to] = ids[from] as number;
      this.#servers[to] = servers[from] as number;
      this.#phases[to++] = steps[from] as number;
    }
    this.#length = to;
    this.#closed = 0;
  }
}
