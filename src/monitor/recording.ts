import { CauseCounts } from './cause-counts.js';
import { DialCounts } from './dial-counts.js';
import { FoldedLog } from './folded-log.js';
import { History } from './history.js';
import { phases, type Phase } from './members.js';
import { Pace } from './pace.js';
import type { Server } from './server.js';
import { Servers } from './servers.js';
import { formatCount } from './span.js';
import type { Trouble } from './trouble.js';
import { WaitTimes } from './wait-times.js';

/** What a discovery has said last. */
export interface DiscoveryNews {
  readonly endpoints: number | undefined;
  /** Why it fails, and since when. */
  readonly failure: { readonly code: string; readonly since: number } | undefined;
}

/** The most pools of which the last answer of discovery is kept. */
const mostPools = 100;

/**
 * What has happened to the connections of a manager, as far as it is kept: changes of state, never what was sent or read. It
 * has no clock, no timer and no channel, so it can be tried in any order of events.
 */
export class Recording {
  readonly history: History = new History();
  readonly log: FoldedLog = new FoldedLog();
  readonly causes: CauseCounts = new CauseCounts();
  readonly dials: DialCounts = new DialCounts();
  readonly servers: Servers;
  readonly discovery: Map<string, DiscoveryNews> = new Map();
  readonly startedAt: number;
  /** Since when leases are followed, if they are. */
  followedSince: number | undefined;
  waits: WaitTimes = new WaitTimes();
  leasesCut = 0;
  requestsLost = 0;
  closedForGood = 0;

  constructor(at: number) {
    this.startedAt = at;
    this.servers = new Servers((when, server, state) => this.history.add(when, server, state));
  }

  opened(id: number, name: string, at: number): void {
    if (this.servers.move(id, name, phases.open, at)) this.dials.add(at, false);
  }

  ready(id: number, name: string, at: number): void {
    const wasIll = this.servers.of(id)?.illSince !== undefined;
    const server = this.servers.move(id, name, phases.ready, at);
    if (server && wasIll && server.illSince === undefined)
      this.log.add(name, 'all connections are ready', at);
  }

  dialFailed(id: number, name: string, trouble: Trouble, at: number): void {
    if (!this.servers.lose(id, name, trouble, at)) return;
    this.dials.add(at, true);
    this.causes.add(trouble.code);
    this.log.add(name, `dial failed: ${trouble.code}`, at);
  }

  lost(id: number, name: string, trouble: Trouble | undefined, code: string, at: number): void {
    if (!this.servers.lose(id, name, trouble, at)) return;
    if (!trouble) return this.log.add(name, `ended as planned: ${code}`, at);
    this.causes.add(trouble.code);
    const why = code === 'error' || code === trouble.code ? trouble.code : `${code}, ${trouble.code}`;
    this.log.add(name, `lost: ${why}`, at);
  }

  closed(id: number, name: string, code: string, at: number): void {
    if (!this.servers.has(id)) return;
    const isForGood = code === 'fatal' || code === 'gave-up';
    this.servers.remove(id, at, isForGood);
    if (!isForGood) return;
    this.closedForGood += 1;
    this.log.add(name, `a connection is closed for good: ${code}`, at);
  }

  /** Answers that will not come, as their life has ended. */
  requestsWereLost(id: number, name: string, lost: number, at: number): void {
    if (!this.servers.has(id)) return;
    this.requestsLost += lost;
    this.log.add(name, 'requests lost', at);
  }

  leaseWasCut(id: number, name: string, at: number): void {
    if (!this.servers.has(id)) return;
    this.leasesCut += 1;
    this.log.add(name, 'lease cut', at);
  }

  discovered(pool: string, endpoints: number, opened: number, drained: number, at: number): void {
    const before = this.discovery.get(pool);
    this.#news(pool, { endpoints, failure: undefined });
    const changes = [opened && `${opened} opened`, drained && `${drained} drained`].filter(Boolean);
    if (changes.length === 0 && !before?.failure) return;
    const said = [`discovery: ${formatCount(endpoints, 'endpoint')}`, ...changes].join(', ');
    this.log.add(`pool ${pool}`, said, at);
  }

  discoveryFailed(pool: string, code: string, at: number): void {
    const { endpoints, failure } = this.discovery.get(pool) ?? {};
    this.#news(pool, { endpoints, failure: { code, since: failure?.since ?? at } });
    this.log.add(`pool ${pool}`, `discovery failed: ${code}`, at);
  }

  poolClosed(pool: string, at: number): void {
    this.discovery.delete(pool);
    for (const server of this.servers) if (server.pool === pool) server.pardon(at);
  }

  /** A lease began, `waited` milliseconds after it was asked for. */
  acquired(waited: number, at: number): void {
    this.waits.add(waited, at);
  }

  released(id: number, held: number, at: number): void {
    this.#pace(this.servers.of(id))?.addLease(held, at);
  }

  /** So many leases of connections to that server are held. */
  leased(name: string, leases: number, at: number): void {
    const server = this.servers.named(name);
    if (server?.pace || leases > 0) this.#pace(server)?.noteLeased(leases, at);
  }

  /** A connection was ready, `took` milliseconds after its dial began. */
  started(id: number, took: number, at: number): void {
    this.#pace(this.servers.of(id))?.addStart(took, at);
  }

  /** Drops what is known only while there is a viewer. */
  forgetPace(at: number): void {
    this.followedSince = undefined;
    this.waits = new WaitTimes();
    for (const server of this.servers) {
      server.pace = undefined;
      if (server.slowness) server.perceive(undefined, at);
    }
  }

  #pace(server: Server | undefined): Pace | undefined {
    if (server) server.pace ??= new Pace();
    return server?.pace;
  }

  #news(pool: string, news: DiscoveryNews): void {
    if (this.discovery.has(pool) || this.discovery.size < mostPools) this.discovery.set(pool, news);
  }
}

/** The phase that a state of a connection is. */
export function phaseOf(state: string): Phase {
  if (state === 'ready') return phases.ready;
  return state === 'handshaking' ? phases.open : phases.away;
}
