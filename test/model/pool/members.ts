import type { Connection, DiscoveredEndpoint, Pool, PoolStats } from '../../../src/index.js';
import type { Findings } from '../findings.js';
import { isLeaving, isStaying, isUp } from './usable.js';
import { wantedByPort } from './wanted.js';

type State = PoolStats['state'];

function stateOf(size: number, ready: number): State {
  return ready === 0 ? 'down' : ready < size ? 'degraded' : 'up';
}

/** Which connections a pool has, by its events and by what it is asked. */
export class Members {
  readonly #findings: Findings;
  readonly #pool: () => Pool;
  readonly #byId: Map<number, Connection> = new Map();
  /** Those that were added by hand. */
  readonly #manual: Set<number> = new Set();
  /** The most connections to each port that discovery has wanted since all was quiet. */
  readonly #most: Map<number, number> = new Map();
  #wanted: ReadonlyMap<number, number> = new Map();
  #ids: Set<number> = new Set();
  readonly #forfeited: Set<number> = new Set();
  /** Those whose place another one has taken, and that are not closed yet. */
  readonly #replaced: Set<number> = new Set();
  added = 0;
  removed = 0;
  /** By the events. */
  state: State = 'down';

  constructor(pool: () => Pool, findings: Findings) {
    this.#pool = pool;
    this.#findings = findings;
  }

  get(id: number): Connection | undefined {
    const known = this.#byId.get(id);
    if (known) return known;
    for (const connection of this.#pool()) this.#byId.set(connection.id, connection);
    return this.#byId.get(id);
  }

  isAdded(id: number): void {
    this.#expect(!this.#ids.has(id), () => `connection ${id} was added twice`);
    this.added += 1;
    const present = new Set([...this.#pool()].map((each) => each.id));
    const replaced = [...this.#forfeited].find((each) => this.#ids.has(each) && !present.has(each));
    if (replaced === undefined) {
      this.#ids.add(id);
      return;
    }
    this.#ids = new Set([...this.#ids].map((each) => (each === replaced ? id : each)));
    this.#replaced.add(replaced);
    if (this.#manual.has(replaced)) this.#manual.add(id);
  }

  isRemoved(id: number): void {
    const wasThere = this.#ids.delete(id) || this.#replaced.delete(id);
    this.#expect(wasThere, () => `connection ${id} was removed, and was not there`);
    this.#byId.delete(id);
    this.removed += 1;
  }

  /** Another connection may take its place. */
  isForfeited(id: number): void {
    this.#forfeited.add(id);
  }

  isManual(connection: Connection): void {
    this.#manual.add(connection.id);
  }

  stateChanged(from: State, to: State): void {
    this.#expect(from === this.state, () => `from ${from} to ${to}, and it was ${this.state}`);
    this.state = to;
  }

  /** A snapshot is carried out. */
  follows(snapshot: readonly DiscoveredEndpoint[], perEndpoint: number): void {
    this.#wanted = wantedByPort(snapshot, perEndpoint);
    for (const [port, count] of this.#wanted) {
      this.#most.set(port, Math.max(count, this.#most.get(port) ?? 0));
    }
  }

  /** How many connections there are when all is quiet. */
  get expected(): number {
    const manual = [...this.#pool()].filter((each) => this.#manual.has(each.id) && isStaying(each)).length;
    return manual + [...this.#wanted.values()].reduce((sum, count) => sum + count, 0);
  }

  /** What holds at any time. */
  check(stats: PoolStats, isClosed: boolean): void {
    const connections = [...this.#pool()];
    const { size, added, removed, ready, endpoints, states } = stats;
    const ids = connections.map(({ id }) => id);
    this.#expect(ids.join() === [...this.#ids].join(), () => `${ids.join()}, not ${[...this.#ids].join()}`);
    this.#expect(size === ids.length && states.closed === 0, () => `size ${size} of ${ids.length}`);
    const isCounted = added === this.added && removed === this.removed;
    this.#expect(isCounted, () => `${added} added, ${removed} removed, not ${this.added}, ${this.removed}`);
    const staying = connections.filter(isStaying);
    const sum = (what: 'size' | 'ready'): number => endpoints.reduce((total, each) => total + each[what], 0);
    this.#expect(sum('size') === staying.length, () => `${sum('size')} stay, not ${staying.length}`);
    this.#expect(sum('ready') === ready, () => `${sum('ready')} ready by endpoints, not ${ready}`);
    const most = staying.filter(({ state }) => state === 'ready').length;
    const least = staying.filter(isUp).length;
    this.#expect(ready >= least && ready <= most, () => `${ready} ready, not ${least} to ${most}`);
    const retiring = staying.filter((each) => each.stats().retiring).map(({ endpoint }) => endpoint.port);
    this.#expect(new Set(retiring).size === retiring.length, () => `${retiring.join()} retire at a time`);
    const dialling = connections.filter((each) => isLeaving(each) && each.state !== 'ready');
    const isDialling = dialling.some(({ state }) => state !== 'closing');
    this.#expect(!isDialling, () => 'a connection that leaves dials again');
    this.#checkLimits(staying);
    if (!isClosed) this.#checkStates(stats, staying);
  }

  /** What holds while nothing happens, and nothing is wrong. */
  checkQuiet(): void {
    for (const [port, wanted] of this.#wanted) {
      const count = this.#discovered([...this.#pool()], port).length;
      this.#expect(count === wanted, () => `${count} connections to ${port}, not ${wanted}`);
    }
    this.#most.clear();
    for (const [port, count] of this.#wanted) this.#most.set(port, count);
  }

  #checkLimits(staying: readonly Connection[]): void {
    for (const port of new Set(staying.map(({ endpoint }) => endpoint.port ?? 0))) {
      const count = this.#discovered(staying, port).length;
      const most = this.#most.get(port) ?? 0;
      this.#expect(count <= most, () => `${count} connections to ${port}, more than ${most}`);
    }
  }

  #discovered(connections: readonly Connection[], port: number): readonly Connection[] {
    return connections.filter(({ id, endpoint }) => endpoint.port === port && !this.#manual.has(id));
  }

  /** How many connections to a port discovery wants that are not there. */
  #missing(staying: readonly Connection[], port: number): number {
    return Math.max(0, (this.#wanted.get(port) ?? 0) - this.#discovered(staying, port).length);
  }

  #checkStates({ state, ready, endpoints }: PoolStats, staying: readonly Connection[]): void {
    const missing = [...this.#wanted.keys()].reduce((sum, port) => sum + this.#missing(staying, port), 0);
    const size = staying.length + missing;
    const expected = stateOf(size, ready);
    this.#expect(state === expected, () => `state ${state}, not ${expected}: ${ready} of ${size} ready`);
    this.#expect(state === this.state, () => `state ${state}, by its events ${this.state}`);
    for (const each of endpoints) {
      const right = stateOf(each.size + this.#missing(staying, each.endpoint.port ?? 0), each.ready);
      this.#expect(each.state === right, () => `endpoint ${each.endpoint.port} ${each.state}, not ${right}`);
    }
  }

  #expect(holds: boolean, what: () => string): void {
    this.#findings.expect(holds, () => `${this.#pool().name}: ${what()}`);
  }
}
