import {
  callable,
  isObject,
  positiveMilliseconds,
  readOptions,
  type Check,
} from '../../primitives/checks.js';
import { OptionError, TimeoutError } from '../../primitives/errors.js';
import { callSafely, type HandlerOwner } from '../handler/call-handler.js';
import type { Connection, Handler, ManagedSocket } from '../handler/connection.js';
import { readMaxAge, type MaxAge } from './max-age.js';
import { sweepPeriod, type Sweep } from './sweep.js';
import { Watchdog, type WatchdogCode, type WatchdogLimits } from './watchdog.js';

/**
 * Finds a dead or frozen peer. A heartbeat looks at what is read: it sends a ping after a silence, and ends the life (code
 * `heartbeat`) if the silence continues. A paused socket is not judged, nor is a time in which the process could not read. While a
 * lease holds a connection, its heartbeat rests: it neither pings nor ends the life.
 *
 * @example
 * ```ts
 * import { connect, type Handler, type Heartbeat } from 'connman';
 *
 * const heartbeat: Heartbeat = {
 *   interval: 10_000,
 *   timeout: 2_000,
 *   ping: (socket) => socket.write('PING\r\n'),
 * };
 *
 * export const connectTo = (host: string, handler: Handler) => connect(6379, host, handler, { heartbeat });
 * ```
 */
export interface Heartbeat<H extends Handler = Handler> {
  /** The silence, in milliseconds, after which a ping is sent. */
  interval: number;
  /**
   * The silence after the ping, in milliseconds, after which the life ends.
   * @default the value of `interval`
   */
  timeout?: number | undefined;
  /** Asks the peer for an answer, in your protocol. An error that it throws goes to `onError`, with `heartbeat.ping`. */
  ping: (socket: ManagedSocket, connection: Connection<H>) => unknown;
}

/** What the watchdogs of a connection look for. */
export interface Liveness {
  readonly limits: WatchdogLimits;
  readonly heartbeat: Heartbeat | undefined;
  /** Infinity where a life may last for ever. */
  readonly maxAge: number;
  /** Whether another connection is to be ready before a life retires for its age. */
  readonly overlaps?: boolean;
  /** How often to look, in milliseconds. */
  readonly period: number;
}

const heartbeatChecks: Readonly<Record<keyof Heartbeat, Check>> = {
  interval: positiveMilliseconds,
  timeout: positiveMilliseconds,
  ping: callable,
};

/** A copy that does not change, whose `ping` is called on the original. */
export function readHeartbeat(name: string, value: unknown): Heartbeat {
  if (!isObject(value)) throw new OptionError(name, 'an object { interval, ping }', value);
  const { interval, timeout, ping } = readOptions<Heartbeat>(name, membersOf(value), heartbeatChecks);
  positiveMilliseconds(`${name}.interval`, interval);
  callable(`${name}.ping`, ping);
  return Object.freeze({
    interval,
    timeout,
    ping: (socket: ManagedSocket, connection: Connection) => ping.call(value, socket, connection),
  });
}

/** The liveness checks that the options ask for, if any. The options are checked already. */
export function resolveLiveness(options: {
  readonly heartbeat?: Heartbeat | undefined;
  readonly idleTimeout?: number | undefined;
  readonly maxAge?: number | MaxAge | undefined;
}): Liveness | undefined {
  const heartbeat = options.heartbeat && readHeartbeat('options.heartbeat', options.heartbeat);
  const limits: WatchdogLimits = {
    interval: heartbeat?.interval ?? Infinity,
    timeout: heartbeat?.timeout ?? heartbeat?.interval ?? Infinity,
    idle: options.idleTimeout || Infinity,
  };
  const { age, overlap = false } = readMaxAge('options.maxAge', options.maxAge ?? 0);
  const maxAge = age || Infinity;
  if (Math.min(limits.interval, limits.idle, maxAge) === Infinity) return undefined;
  return Object.freeze({ limits, heartbeat, maxAge, overlaps: overlap, period: sweepPeriod(limits, maxAge) });
}

/** The connection whose life is watched. */
interface WatchedConnection extends HandlerOwner {
  readonly socket: ManagedSocket;
  readonly owner: { readonly isLent?: boolean; pinging?(connection: Connection): boolean };
  /** The heartbeat has sent a ping. */
  pinged(): void;
}

/** Watches a life that has lasted for `uptime` milliseconds. Calls `end` once the life has to end. */
export function startWatchdog(
  sweep: Sweep,
  liveness: Liveness,
  connection: WatchedConnection,
  uptime: number,
  end: (code: WatchdogCode, error?: TimeoutError) => void,
): Watchdog {
  const { socket } = connection;
  return sweep.add(liveness.period, (now) => {
    const endsAt = now - uptime + lifeSpan(liveness);
    return new Watchdog(socket, liveness.limits, { now, endsAt }, (duty, silence) => {
      // Its answer would be taken for one to the borrower, who may also be silent for a reason.
      if ((duty === 'ping' || duty === 'heartbeat') && connection.owner.isLent) return false;
      if (duty === 'ping' && connection.owner.pinging?.(connection.face) === false) return true;
      if (duty === 'ping') sendPing(connection, liveness, socket);
      else if (duty === 'max-age') end(duty);
      else end(duty, silenceError(duty, liveness, silence));
      return true;
    });
  });
}

export function sendPing(
  connection: WatchedConnection,
  liveness: Liveness | undefined,
  socket: ManagedSocket,
): void {
  callSafely(connection, 'heartbeat.ping', () => liveness?.heartbeat?.ping(socket, connection.face));
  connection.pinged();
}

/** The error of a life in which nothing was read, after one in which the peer did not answer. */
export function silentPeer(timeout: number): TimeoutError {
  return new TimeoutError(`nothing was read within ${timeout} ms, not even after a ping`, timeout);
}

/** How long a life may last, in milliseconds: `maxAge` ± 10 % at random, so that many lives do not end together. */
export function lifeSpan({ maxAge }: Liveness, random: () => number = Math.random): number {
  return maxAge * (0.9 + 0.2 * random());
}

/** The error of a life in which nothing was read for `silence` milliseconds. */
function silenceError(code: 'heartbeat' | 'idle', { limits }: Liveness, silence: number): TimeoutError {
  const silent = `nothing was read for ${Math.round(silence)} ms`;
  return code === 'idle'
    ? new TimeoutError(silent, limits.idle)
    : new TimeoutError(`${silent}, not even after a ping`, limits.interval + limits.timeout);
}

/** A heartbeat may be an instance of a class, which inherits `ping` and has members of its own. */
function membersOf(value: unknown): unknown {
  const prototype: unknown = isObject(value) && Object.getPrototypeOf(value);
  if (!isObject(value) || !prototype || prototype === Object.prototype) return value;
  return Object.fromEntries(
    Object.keys(heartbeatChecks).map((name) => [name, (value as Record<string, unknown>)[name]]),
  );
}
