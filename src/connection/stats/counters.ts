import type { Endpoint } from '../../primitives/endpoint.js';
import type { DialError, DialPhase } from '../../primitives/errors.js';
import {
  resetCodes,
  type ConnectionState,
  type GateReport,
  type Reset,
  type ResetCode,
} from '../../telemetry/index.js';

export type {
  CloseCode,
  CloseReason,
  DialFailure,
  Failure,
  FailurePhase,
  Reset,
  ResetCode,
  RetireCode,
} from '../../telemetry/index.js';

/** The counters of a connection, or the sums over a pool. They never decrease. */
export interface Counters {
  /** How many dials have begun. */
  readonly dials: number;
  /** How many dials have failed. */
  readonly failedDials: number;
  /** The failed dials, by phase. */
  readonly failures: Readonly<Record<DialPhase, number>>;
  /** How many lives have begun. */
  readonly lives: number;
  /** How many lives have ended, by code. */
  readonly resets: Readonly<Record<ResetCode, number>>;
  /** How many bytes were read, over all lives. */
  readonly bytesRead: number;
  /** How many bytes the operating system has taken to send, over all lives. */
  readonly bytesWritten: number;
  /** How many pings the heartbeat has sent. */
  readonly pings: number;
  /** How often a callback of your application threw or rejected. A failed handshake is not counted here: it is a reset. */
  readonly handlerErrors: number;
  /**
   * How many writes were refused, as the link was down, or was ending: nothing of them was sent. An `end()` with data counts as
   * a write.
   */
  readonly refusedWrites: number;
}

/** What has become of the requests of a connection: a frozen snapshot. The counters never decrease. */
export interface RequestStats {
  /** How many answers are to come. In order, this counts those whose caller has stopped waiting. */
  readonly pending: number;
  /** How many requests got no answer because their life ended. */
  readonly lost: number;
  /** How many requests got no answer within their timeout. */
  readonly timedOut: number;
  /** How many answers came for which no request waited. */
  readonly late: number;
}

/** The state of a connection and its counters: a frozen snapshot. */
export interface ConnectionStats extends Counters {
  /** The number of the connection, unique in the process. */
  readonly id: number;
  /** The name of its pool, if it belongs to one. */
  readonly pool: string | undefined;
  /** The endpoint being dialled or in use, or to be dialled next. */
  readonly endpoint: Endpoint;
  /** Where the connection is in its life-cycle. */
  readonly state: ConnectionState;
  /** Whether the present life retires: it gets no new work, and ends once nothing is under way. */
  readonly retiring: boolean;
  /** How many lives have begun: the number of the present life, or of the last one. */
  readonly life: number;
  /** How long the present life has lasted, in milliseconds; 0 outside a life. */
  readonly uptime: number;
  /** Bytes that `write()` has accepted and the operating system has not taken, as `writableLength` counts them. */
  readonly unsentBytes: number;
  /** The gate to the endpoint, which all connections of the manager to that endpoint share. */
  readonly gate: GateReport;
  /**
   * Before that moment, in milliseconds since 1970, it does not dial, as `reset(reason, { after })` has asked; Infinity until
   * `reconnectNow()` is called.
   */
  readonly noDialBefore: number | undefined;
  /** What has become of its requests, where a `Requests` is attached. */
  readonly requests: RequestStats | undefined;
  /** The end of the last life. */
  readonly lastReset: Reset | undefined;
  /** When that was, in milliseconds since 1970. */
  readonly lastResetAt: number | undefined;
  /** The error of the last failed dial: its own, or one to the same endpoint that it waited for. */
  readonly lastDialError: DialError | undefined;
  /** When that dial failed, in milliseconds since 1970. */
  readonly lastDialErrorAt: number | undefined;
}

/** Counters that take memory only once they are needed, so that a healthy connection has none of them. */
export type EventCount = DialPhase | ResetCode | 'ping' | 'handler-error' | 'write-refused';

type Counts = Readonly<Partial<Record<EventCount, number>>>;

export const phases = ['lookup', 'connect', 'prelude', 'tls'] as const;

type RareCounters = Pick<Counters, 'failures' | 'resets' | 'pings' | 'handlerErrors' | 'refusedWrites'>;

function rareCountersOf(counts: Counts): RareCounters {
  return Object.freeze({
    failures: pick(phases, counts),
    resets: pick(resetCodes, counts),
    pings: counts.ping ?? 0,
    handlerErrors: counts['handler-error'] ?? 0,
    refusedWrites: counts['write-refused'] ?? 0,
  });
}

function pick<Name extends EventCount>(
  names: readonly Name[],
  counts: Counts,
): Readonly<Record<Name, number>> {
  const picked = Object.fromEntries(names.map((name) => [name, counts[name] ?? 0]));
  return Object.freeze(picked as Record<Name, number>);
}

const noEventCounts = rareCountersOf({});

/** The rare counters of a snapshot. Without any, always the same object. */
export function rareCounters(counts: Counts | undefined): RareCounters {
  return counts ? rareCountersOf(counts) : noEventCounts;
}
