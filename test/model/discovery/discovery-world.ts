import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { vi } from 'vitest';
import {
  ConnectionManager,
  constant,
  FatalError,
  type ChannelPayloads,
  type Connection,
  type DiscoveredEndpoint,
  type Handler,
  type Lease,
  type Pool,
} from '../../../src/index.js';
import { startFaultServer, type FaultServer } from '../../../src/testing/index.js';
import { nextTurn } from '../../support/fixtures.js';
import type { Findings } from '../findings.js';
import { isStaying } from '../pool/usable.js';
import { wantedByPort } from '../pool/wanted.js';
import type { Tally } from '../tally.js';
import { Registry } from './registry.js';

/** How the pool of a run is made. */
export interface DiscoverySetup {
  readonly perEndpoint: number;
  readonly subset: number | undefined;
  readonly maxStale: number;
  readonly maxAttempts: number;
  readonly drain: number;
}

const serverCount = 5;
/** How many milliseconds, of fake time, all may take to be well again. */
const patience = 90_000;

/** Some servers, a registry of them, and a pool that follows it; time is fake. */
export class DiscoveryWorld {
  readonly servers: readonly FaultServer[];
  readonly registry = new Registry();
  readonly pool: Pool;
  readonly leases: Lease[] = [];
  /** Whose logins are refused for good, by port. */
  readonly refusing: Set<number> = new Set();
  factoryFails = false;
  perEndpoint: number;
  readonly #setup: DiscoverySetup;
  readonly #manager = new ConnectionManager();
  readonly #findings: Findings;
  readonly #tally: Tally;
  /** What the pool carries out, and what it carried out before until that is done. */
  #list: readonly DiscoveredEndpoint[] = [];
  #before: readonly DiscoveredEndpoint[] = [];
  /** How many have ended for good since their endpoint came, or the pool was refreshed; by port. */
  readonly #fatal: Map<number, number> = new Map();
  /** Those that leave after a drain: what becomes of them does not count. */
  readonly #leaving: Set<number> = new Set();
  readonly #stops: (() => void)[] = [];

  private constructor(
    servers: readonly FaultServer[],
    setup: DiscoverySetup,
    findings: Findings,
    tally: Tally,
  ) {
    this.servers = servers;
    this.#setup = setup;
    this.#findings = findings;
    this.#tally = tally;
    this.perEndpoint = setup.perEndpoint;
    this.registry.list = servers.slice(0, 3).map(({ endpoint }) => endpoint);
    this.#listen();
    this.pool = this.#manager.createPool('followed', ({ port = 0 }) => this.#handler(port), {
      ...setup,
      discovery: this.registry.follow,
      backoff: constant(20),
      stableAfter: 0,
      allowEndpoint: () => this.#taken(),
    });
  }

  static async start(setup: DiscoverySetup, findings: Findings, tally: Tally): Promise<DiscoveryWorld> {
    const servers = await Promise.all(Array.from({ length: serverCount }, () => startFaultServer()));
    return new DiscoveryWorld(servers, setup, findings, tally);
  }

  /** Those that are to stay. */
  get staying(): readonly Connection[] {
    return [...this.pool].filter(isStaying);
  }

  resize(perEndpoint: number): void {
    this.perEndpoint = perEndpoint;
    this.pool.resize(perEndpoint);
  }

  refresh(): void {
    this.#fatal.clear();
    this.pool.refresh();
  }

  async turns(count: number): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (let turn = 0; turn < count; turn += 1) await nextTurn();
  }

  async pass(milliseconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(milliseconds);
    await this.turns(2);
  }

  /** What holds at any time. */
  check(): void {
    const { staying } = this;
    const { state, ready, discovery, endpoints } = this.pool.stats();
    const wanted = this.#wanted(this.#list);
    const of = (port: number): readonly Connection[] =>
      staying.filter(({ endpoint }) => endpoint.port === port);
    for (const port of new Set(staying.map(({ endpoint }) => endpoint.port ?? 0))) {
      const here = of(port);
      const up = here.filter((each) => each.state === 'ready').length;
      const most = (wanted.get(port) ?? 0) + up;
      this.#expect(here.length <= most, () => `${here.length} connections to ${port}, more than ${most}`);
    }
    const { missing = 0, refused = 0 } = discovery ?? {};
    this.#expect(refused <= missing, () => `${refused} of ${missing} missing are refused`);
    const right = ready === 0 ? 'down' : ready < staying.length + missing ? 'degraded' : 'up';
    this.#expect(state === right, () => `state ${state}, not ${right}: ${ready} ready, ${missing} missing`);
    const sum = endpoints.reduce((total, each) => total + Math.max(0, each.wanted - each.size), 0);
    this.#expect(sum <= missing, () => `${missing} missing, by endpoints ${sum}`);
    this.#expect(this.registry.hasty === 0, () => 'the source was asked again too soon');
    this.#expect(this.#used <= this.#mostUsed, () => `${this.#used} are used, more than ${this.#mostUsed}`);
  }

  /** Everything is well again: what is wanted is there, after some time. */
  async makeQuiet(): Promise<void> {
    const { registry, servers } = this;
    for (const lease of this.leases.splice(0)) lease.release();
    registry.fault = 'none';
    this.refusing.clear();
    this.factoryFails = false;
    await Promise.all(servers.map((server) => server.listen()));
    // A log-in that was refused before may still be about to end its connection.
    await this.pass(100);
    if (this.#fatal.size > 0 || registry.hasEnded) this.refresh();
    registry.wake();
    let passed = 0;
    // oxlint-disable-next-line no-await-in-loop -- until it is so
    for (; passed < patience && !this.#isWell; passed += 100) await this.pass(100);
    this.#tally.count('quiet');
    const { ready, size, state } = this.pool.stats();
    const what = `${ready} of ${size} ready (${state}), ${this.#expected} wanted`;
    this.#expect(this.#isWell, () => `not restored in ${passed} ms: ${what}`);
    this.check();
  }

  async stop(): Promise<void> {
    for (const lease of this.leases.splice(0)) lease.release();
    const closed = this.pool.disconnect({ grace: 0 });
    await this.turns(4);
    await closed;
    this.#expect(this.pool.size === 0, () => `${this.pool.size} are left`);
    this.#expect(vi.getTimerCount() === 0, () => `${vi.getTimerCount()} timers are left`);
    for (const stop of this.#stops) stop();
    await Promise.all(this.servers.map((server) => server.close()));
  }

  get #expected(): number {
    return [...this.#wanted(this.registry.list).values()].reduce((sum, count) => sum + count, 0);
  }

  get #isWell(): boolean {
    const { size, ready, state, discovery } = this.pool.stats();
    if (state !== 'up' || size !== ready || discovery?.missing !== 0 || size !== discovery.wanted)
      return false;
    return this.#setup.subset === undefined ? size === this.#expected : this.#used <= this.#mostUsed / 2;
  }

  /** How many endpoints of a subset are wanted, and how many may be while some of them are dead. */
  get #used(): number {
    return this.pool.stats().endpoints.filter(({ wanted }) => wanted > 0).length;
  }

  get #mostUsed(): number {
    const { subset } = this.#setup;
    if (subset === undefined) return Infinity;
    return 2 * subset * new Set(this.#list.map(({ priority = 0 }) => priority)).size;
  }

  #wanted(list: readonly DiscoveredEndpoint[]): ReadonlyMap<number, number> {
    if (this.#setup.subset === undefined) return wantedByPort(list, this.perEndpoint);
    // By their weights, those that are chosen may get fewer.
    return new Map(list.map(({ port = 0 }) => [port, this.perEndpoint]));
  }

  #handler(port: number): Handler {
    if (this.factoryFails) {
      this.factoryFails = false;
      throw new Error('no handler');
    }
    const shakeHands = (): void => {
      if (this.refusing.has(port)) throw new FatalError('a wrong password');
    };
    // An error of the factory is told to the one that was to be replaced.
    return { onConnect: shakeHands, onReconnect: shakeHands, onError: () => undefined };
  }

  /** The pool takes what was given to it. */
  #taken(): boolean {
    if (this.#list !== this.registry.given) {
      this.#before = this.#list;
      this.#list = this.registry.given;
    }
    return true;
  }

  #listen(): void {
    this.#on('connman:pool:discover', ({ endpoints, opened, drained }) => {
      this.#findings.note(`discover ${endpoints}, ${opened} opened, ${drained} drained`);
      if (endpoints === 0) this.#list = [];
      this.#before = [];
      const wanted = this.#wanted(this.#list);
      for (const port of this.#fatal.keys()) if (!wanted.has(port)) this.#fatal.delete(port);
      this.#tally.count('carried out');
    });
    this.#on('connman:pool:add', ({ endpoint }) => this.#added(endpoint.port ?? 0));
    this.#on('connman:connection:dial', ({ endpoint }) => {
      this.#tally.count('dials');
      const isWanted = [...this.#list, ...this.#before].some(({ port }) => port === endpoint.port);
      this.#expect(isWanted, () => `${endpoint.port} is dialled, and was withdrawn`);
    });
    this.#on('connman:connection:retire', ({ code, id }) => {
      if (code === 'disconnect') this.#leaving.add(id);
    });
    this.#on('connman:connection:close', ({ code, endpoint: { port = 0 }, id }) => {
      this.#tally.count(`closed: ${code}`);
      const most = this.#wanted(this.#list).get(port) ?? 0;
      const counts = code === 'fatal' && most > 0 && !this.#leaving.delete(id);
      if (counts) this.#fatal.set(port, Math.min((this.#fatal.get(port) ?? 0) + 1, most));
    });
    for (const name of ['reset', 'dial-failed', 'ready', 'retire'] as const) {
      this.#on(`connman:connection:${name}`, ({ id, endpoint }) =>
        this.#findings.note(`${name} ${id} ${endpoint.port}`),
      );
    }
  }

  #added(port: number): void {
    this.#tally.count('opened');
    if (this.#setup.subset !== undefined) return;
    const staying = this.staying.filter(({ endpoint, state }) => endpoint.port === port && state !== 'ready');
    const [now, before] = [this.#wanted(this.#list).get(port), this.#wanted(this.#before).get(port)];
    const most = Math.max(now ?? 0, before ?? 0);
    const fatal = this.#fatal.get(port) ?? 0;
    const count = staying.length + fatal;
    this.#expect(count <= most, () => `${staying.length} and ${fatal} fatal to ${port}, more than ${most}`);
  }

  #on<Name extends keyof ChannelPayloads>(name: Name, act: (message: ChannelPayloads[Name]) => void): void {
    const listener = (message: unknown): void => {
      if ((message as { pool?: string }).pool === 'followed') act(message as ChannelPayloads[Name]);
    };
    subscribe(name, listener);
    this.#stops.push(() => unsubscribe(name, listener));
  }

  #expect(holds: boolean, what: () => string): void {
    this.#findings.expect(holds, what);
  }
}
