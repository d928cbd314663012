import type { Connection, DiscoveredEndpoint, Pool, PoolStats } from '../../../src/index.js';
import type { Findings } from '../findings.js';
import { isDiscovered, isLeaving, isMoving, isStaying, isUp, standsIn } from './usable.js';
import { wantedByPort } from './wanted.js';

type State = PoolStats['state'];

function stateOf(size: number, ready: number): State {
  return ready === 0 ? 'down' : ready < size ? 'degraded' : 'up';
}

/** Which connections a pool has, by its events and by what it is asked. */
export class Members {
  readonly #findings: Findings;
  readonly #pool: () => Pool;
  /** Whether an old life goes on until another connection is ready. */
  readonly #overlap: boolean;
  readonly #hears: (what: string) => void;
  readonly #byId: Map<number, Connection> = new Map();
  /** Those that were added by hand. */
  readonly #manual: Set<number> = new Set();
  /** Where those may be that were told where to go, by their ids. */
  readonly #goals: Map<number, readonly number[]> = new Map();
  /** The most connections that there were at a time, since all was quiet. */
  #peak = 0;
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

  constructor(pool: () => Pool, overlap: boolean, findings: Findings, hears: (what: string) => void) {
    this.#hears = hears;
    this.#pool = pool;
    this.#overlap = overlap;
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
    const goals = this.#goals.get(replaced);
    if (goals) this.#goals.set(id, goals);
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

  /** It was told to go to one of these ports. */
  isSent({ id }: Connection, ports: readonly number[]): void {
    this.#goals.set(id, ports);
  }

  /** Whether it was told to go somewhere. */
  isMobile({ id }: Connection): boolean {
    return this.#goals.has(id);
  }

  /** Whether each is where it was told to go. */
  get areThere(): boolean {
    return [...this.#pool()].every(
      ({ id, endpoint }) => this.#goals.get(id)?.includes(endpoint.port ?? 0) !== false,
    );
  }

  /** A life retires, and others go on: one of them is ready, at the same endpoint or where it goes if it has to. */
  retires(id: number, code: string): void {
    const connection = this.get(id);
    if (!connection) return;
    const others = [...this.#pool()].filter((each) => each !== connection && isStaying(each));
    const ready = others.filter((each) => each.state === 'ready' && !each.stats().retiring);
    const isRenewed = isMoving(connection) || (code === 'max-age' && this.#overlap);
    if (!isRenewed || this.isStandIn(connection)) {
      this.#expect(ready.length > 0 || others.length === 0, () => `${id} retires, and no other is ready`);
      return;
    }
    this.#hears(isMoving(connection) ? 'moves' : 'renewals with overlap');
    const goals = isMoving(connection) ? this.#goals.get(id) : [connection.endpoint.port];
    const isThere = ready.some(({ endpoint }) => goals?.includes(endpoint.port ?? 0));
    this.#expect(isThere, () => `${id} retires (${code}), and none is ready at ${goals?.join()}`);
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

  /** Whether it is there for a moment, in the place of another. */
  isStandIn(connection: Connection): boolean {
    return !this.#manual.has(connection.id) && !isDiscovered(connection);
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
    this.#checkTurns(staying);
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
    this.#peak = this.#pool().size;
    this.#most.clear();
    for (const [port, count] of this.#wanted) this.#most.set(port, count);
  }

  /** A quarter of all at a time, and of an endpoint one, but for those for which another is ready. */
  #checkTurns(staying: readonly Connection[]): void {
    this.#peak = Math.max(this.#peak, this.#pool().size);
    const most = Math.max(1, Math.floor(this.#peak / 4));
    const retiring = staying.filter((each) => each.stats().retiring);
    const ports = retiring.filter((each) => !isMoving(each)).map(({ endpoint }) => endpoint.port);
    const areInTurn = this.#overlap || new Set(ports).size === ports.length;
    this.#expect(areInTurn, () => `${ports.join()} retire at a time`);
    const standIns = staying.filter((each) => this.isStandIn(each));
    this.#expect(standIns.length <= most, () => `${standIns.length} stand in for others`);
    const surplus = standIns.filter((each) => !standsIn(each)).map(({ id }) => id);
    this.#expect(surplus.length === 0, () => `${surplus.join()} stand in for nobody`);
  }

  #checkLimits(staying: readonly Connection[]): void {
    for (const port of new Set(staying.map(({ endpoint }) => endpoint.port ?? 0))) {
      const count = this.#discovered(staying, port).length;
      const most = this.#most.get(port) ?? 0;
      this.#expect(count <= most, () => `${count} connections to ${port}, more than ${most}`);
    }
  }

  #discovered(connections: readonly Connection[], port: number): readonly Connection[] {
    return connections.filter((each) => each.endpoint.port === port && isDiscovered(each));
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
