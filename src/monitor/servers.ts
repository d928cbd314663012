import { phases, Members, type Phase } from './members.js';
import { Server, type OnChange } from './server.js';
import type { Trouble } from './trouble.js';

/** How long a server that has no connections any more is kept, in milliseconds. */
const longest = 3_600_000;
/** How many of them. */
const mostGone = 200;

/** The servers of a manager, by what happens to its connections. The caller says the time. */
export class Servers {
  readonly #members = new Members();
  readonly #byName = new Map<string, Server>();
  readonly #byIndex = new Map<number, Server>();
  readonly #onChange: OnChange;
  #made = 0;

  constructor(onChange: OnChange) {
    this.#onChange = onChange;
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#members.size;
  }

  [Symbol.iterator](): Iterator<Server> {
    return this.#byName.values();
  }

  named(name: string): Server | undefined {
    return this.#byName.get(name);
  }

  /** Whether a connection is one of these. */
  has(id: number): boolean {
    return this.#members.find(id) >= 0;
  }

  /** The server that a connection is with. */
  of(id: number): Server | undefined {
    const place = this.#members.find(id);
    return place < 0 ? undefined : this.#byIndex.get(this.#members.serverAt(place));
  }

  /** Adds a connection whose number is higher than all that were added before. */
  add(id: number, name: string, pool: string | undefined, phase: Phase, at: number): Server {
    const server = this.#make(name, at);
    server.pool ??= pool;
    this.#members.add(id, server.index, phase);
    server.join(phase, at);
    return server;
  }

  /** A connection with that server is open, or ready. */
  move(id: number, name: string, phase: Phase, at: number): Server | undefined {
    const place = this.#members.find(id);
    if (place < 0) return undefined;
    const server = this.#at(place, name, at);
    const before = this.#members.phaseAt(place);
    this.#members.set(place, server.index, phase);
    server.move(before, phase, at);
    return server;
  }

  /** A dial to that server has failed, or a life with it is over: with nothing wrong about that, or with this. */
  lose(id: number, name: string, trouble: Trouble | undefined, at: number): Server | undefined {
    const place = this.#members.find(id);
    if (place < 0) return undefined;
    const server = this.#at(place, name, at);
    const before = this.#members.phaseAt(place);
    this.#members.set(place, server.index, phases.away);
    if (trouble) server.fail(before, trouble, at);
    else server.move(before, phases.away, at);
    return server;
  }

  /** A connection is closed: as was wanted, or for good. */
  remove(id: number, at: number, isForGood?: boolean): void {
    const place = this.#members.find(id);
    if (place < 0) return;
    const phase = this.#members.phaseAt(place);
    this.#byIndex.get(this.#members.serverAt(place))?.leave(phase, at, undefined, isForGood);
    this.#members.remove(place);
    if (this.#byName.size > mostGone) this.#forget(at);
  }

  /** Takes in what time alone has changed. */
  settle(at: number): void {
    for (const server of this) server.settle(at);
    this.#forget(at);
  }

  /** For each of these servers, a connection that is not ready, by server. */
  examples(servers: readonly Server[]): Map<number, number> {
    return this.#members.examples(new Set(servers.map(({ index }) => index)));
  }

  /** The server with which a connection is now. */
  #at(place: number, name: string, at: number): Server {
    const before = this.#byIndex.get(this.#members.serverAt(place));
    if (before?.name === name) return before;
    const server = this.#make(name, at);
    const phase = this.#members.phaseAt(place);
    server.pool ??= before?.pool;
    before?.leave(phase, at, name);
    server.join(phase, at);
    this.#members.set(place, server.index, phase);
    return server;
  }

  #make(name: string, at: number): Server {
    const known = this.#byName.get(name);
    if (known) return known;
    const server = new Server(this.#made++, name, at, this.#onChange);
    this.#byName.set(name, server);
    this.#byIndex.set(server.index, server);
    return server;
  }

  /** Drops servers without connections: those of an hour ago, and the oldest where there are many. */
  #forget(at: number): void {
    const gone = Array.from(this.#byName.values()).filter(({ isEmpty }) => isEmpty);
    const surplus = gone.length - mostGone;
    const oldest = gone.toSorted((one, other) => one.since - other.since);
    for (const [rank, { index, name, since }] of oldest.entries()) {
      if (rank >= surplus && at - since < longest) break;
      this.#byName.delete(name);
      this.#byIndex.delete(index);
    }
  }
}
