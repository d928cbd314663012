import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ChannelPayloads, Connection, ConnectionManager } from '../index.js';
import { rootCode } from '../primitives/errors.js';
import { printable } from '../primitives/printable.js';
import { now } from '../primitives/time.js';
import { phases } from './members.js';
import { phaseOf, type Recording } from './recording.js';
import { nameOf, safeCode, troubleOfDial, troubleOfReset } from './trouble.js';

type Name = keyof ChannelPayloads;
type Listener = (message: unknown) => void;

function listener<N extends Name>(name: N, take: (message: ChannelPayloads[N]) => void): [Name, Listener] {
  return [name, take as Listener];
}

/** How many dials are followed at a time until they are ready. */
const mostDials = 1_024;

/**
 * Passes on what the channels of connman say of the connections of one manager. Channels are those of the whole process, so a
 * connection is known by its number: those of other managers are not recorded.
 */
export class Subscription {
  readonly #manager: ConnectionManager;
  readonly #recording: Recording;
  /** Made, and not known yet to be of this manager: it does not have them before `connect()` has returned. */
  #made: ChannelPayloads['connman:connection:create'][] = [];
  /** When the dials under way began, by connection. */
  readonly #dials = new Map<number, number>();
  readonly #always: readonly [Name, Listener][];
  readonly #whileLooking: readonly [Name, Listener][];

  constructor(manager: ConnectionManager, recording: Recording) {
    this.#manager = manager;
    this.#recording = recording;
    this.#always = [...this.#connectionListeners(), ...this.#poolListeners()];
    this.#whileLooking = this.#paceListeners();
  }

  /** Takes in what there is, and listens to what changes. */
  start(): void {
    const connections = [...this.#all()].toSorted((one, other) => one.id - other.id);
    for (const connection of connections) this.#seed(connection);
    for (const [name, take] of this.#always) subscribe(name, take);
  }

  stop(): void {
    this.look(false);
    for (const [name, take] of this.#always) unsubscribe(name, take);
  }

  /** The first viewer has come, or the last one has gone. Leases are followed only in between. */
  look(isLooking: boolean): void {
    // Unsubscribing twice does nothing.
    for (const [name, take] of this.#whileLooking) (isLooking ? subscribe : unsubscribe)(name, take);
    this.#dials.clear();
  }

  *#all(): Generator<Connection> {
    yield* this.#manager.connections;
    for (const pool of this.#manager.pools) yield* pool;
  }

  #connectionListeners(): [Name, Listener][] {
    const recording = this.#recording;
    return [
      listener('connman:connection:create', (message) => {
        if (this.#made.push(message) === 1) queueMicrotask(() => this.#takeMade());
      }),
      listener('connman:connection:connected', ({ id, endpoint }) => {
        recording.opened(id, nameOf(endpoint), now());
      }),
      listener('connman:connection:ready', ({ id, endpoint }) => {
        const at = now();
        recording.ready(id, nameOf(endpoint), at);
        const began = this.#dials.get(id);
        if (began === undefined) return;
        this.#dials.delete(id);
        recording.started(id, at - began, at);
      }),
      listener('connman:connection:dial-failed', ({ id, endpoint, phase, error }) => {
        this.#dials.delete(id);
        recording.dialFailed(id, nameOf(endpoint), troubleOfDial(phase, error), now());
      }),
      listener('connman:connection:reset', (message) => {
        this.#dials.delete(message.id);
        const { id, endpoint, code } = message;
        recording.lost(id, nameOf(endpoint), troubleOfReset(message), code, now());
      }),
      listener('connman:connection:close', ({ id, endpoint, code }) => {
        recording.closed(id, nameOf(endpoint), code, now());
      }),
      listener('connman:connection:requests-lost', ({ id, endpoint, lost }) => {
        recording.requestsWereLost(id, nameOf(endpoint), lost, now());
      }),
    ];
  }

  #poolListeners(): [Name, Listener][] {
    const recording = this.#recording;
    const isOwn = (pool: string): boolean => this.#manager.getPool(pool) !== undefined;
    return [
      listener('connman:pool:interrupt', ({ id, endpoint }) => {
        recording.leaseWasCut(id, nameOf(endpoint), now());
      }),
      listener('connman:pool:discover', ({ pool, endpoints, opened, drained }) => {
        if (isOwn(pool)) recording.discovered(printable(pool), endpoints, opened, drained, now());
      }),
      listener('connman:pool:discovery-failed', ({ pool, error }) => {
        const code = safeCode(rootCode(error)) ?? 'an error without a code';
        if (isOwn(pool)) recording.discoveryFailed(printable(pool), code, now());
      }),
      listener('connman:pool:disconnect', ({ pool }) => {
        if (!isOwn(pool)) recording.poolClosed(printable(pool), now());
      }),
    ];
  }

  #paceListeners(): [Name, Listener][] {
    const { servers } = this.#recording;
    return [
      listener('connman:connection:dial', ({ id }) => {
        if (this.#dials.size < mostDials && servers.has(id)) this.#dials.set(id, now());
      }),
      listener('connman:pool:acquire', ({ id, waited }) => {
        if (servers.has(id)) this.#recording.acquired(waited, now());
      }),
      listener('connman:pool:release', ({ id, held }) => {
        if (held !== undefined) this.#recording.released(id, held, now());
      }),
    ];
  }

  /** Adds those of the new connections that are of this manager. */
  #takeMade(): void {
    const made = new Map(this.#made.map((message) => [message.id, message]));
    this.#made = [];
    const pools = new Set([...made.values()].map(({ pool }) => pool));
    const own: Connection[] = [];
    for (const pool of pools) {
      const connections =
        pool === undefined ? this.#manager.connections : (this.#manager.getPool(pool) ?? []);
      for (const connection of connections) if (made.has(connection.id)) own.push(connection);
    }
    for (const connection of own.toSorted((one, other) => one.id - other.id)) {
      const { id, endpoint, pool } = connection;
      this.#recording.servers.add(id, nameOf(endpoint), pool && printable(pool), phases.away, now());
    }
  }

  /** Takes in a connection that was there before, with what went wrong last if it is not ready. */
  #seed(connection: Connection): void {
    const { id, endpoint, pool, state } = connection;
    const { servers } = this.#recording;
    const name = nameOf(endpoint);
    const at = now();
    servers.add(id, name, pool && printable(pool), phaseOf(state), at);
    if (state === 'ready') return;
    const { lastReset, lastResetAt = 0, lastDialError, lastDialErrorAt = 0 } = connection.stats();
    const isDial = lastDialError !== undefined && lastDialErrorAt >= lastResetAt;
    const trouble = isDial
      ? troubleOfDial(lastDialError.phase, lastDialError)
      : lastReset && troubleOfReset(lastReset);
    if (trouble) servers.lose(id, name, trouble, at);
  }
}
