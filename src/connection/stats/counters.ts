import type { Endpoint } from '../../primitives/endpoint.js';
import type { DialError, DialPhase } from '../../primitives/errors.js';
import {
  resetCodes,
  type ConnectionState,
  type GateReport,
  type Reset,
  type ResetCode,
} from '../../telemetry/index.js';

export type { CloseCode, CloseReason, DialFailure, Reset, ResetCode } from '../../telemetry/index.js';

/** What only ever grows. */
export interface Counters {
  /** How many dials have begun, and how many of those failed. */
  readonly dials: number;
  readonly failedDials: number;
  /** The failed dials by how far they had come. */
  readonly failures: Readonly<Record<DialPhase, number>>;
  /** How many lives have begun. */
  readonly lives: number;
  /** The lives that have ended, by why. */
  readonly resets: Readonly<Record<ResetCode, number>>;
  /** What was read, and what was given to the operating system to send, over all lives. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** How many pings the heartbeat has sent. */
  readonly pings: number;
  /** How often one of the program's callbacks threw or rejected; a handshake's failure is a reset. */
  readonly handlerErrors: number;
}

/** What a connection is and has done so far: a snapshot that does not change. */
export interface ConnectionStats extends Counters {
  /** As `connection.id`, `connection.pool` and so on, when it was taken. */
  readonly id: number;
  readonly pool: string | undefined;
  readonly endpoint: Endpoint;
  readonly state: ConnectionState;
  readonly life: number;
  /** How long the present life has lasted, in milliseconds; 0 outside a life. */
  readonly uptime: number;
  /** What `write()` has accepted and the operating system has not taken yet, as `writableLength` counts it. */
  readonly unsentBytes: number;
  /** How the gate to the endpoint stands, which it shares with all connections of the manager that go there. */
  readonly gate: GateReport;
  /** The last life that ended, and the last error of a dial. */
  readonly lastReset: Reset | undefined;
  readonly lastDialError: DialError | undefined;
}

/** What is counted only once it happens: for a connection with which all is well, nothing is kept. */
export type EventCount = DialPhase | ResetCode | 'ping' | 'handler-error';

type Counts = Readonly<Partial<Record<EventCount, number>>>;

const phases = ['lookup', 'connect', 'tls'] as const;

type RareCounters = Pick<Counters, 'failures' | 'resets' | 'pings' | 'handlerErrors'>;

function rareCountersOf(counts: Counts): RareCounters {
  return Object.freeze({
    failures: pick(phases, counts),
    resets: pick(resetCodes, counts),
    pings: counts.ping ?? 0,
    handlerErrors: counts['handler-error'] ?? 0,
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

/** The part of a snapshot that is about counts; without any, always the same. */
export function rareCounters(counts: Counts | undefined): RareCounters {
  return counts ? rareCountersOf(counts) : noEventCounts;
}

/** The counters of who has done nothing yet. */
export const noCounters: Counters = Object.freeze({
  dials: 0,
  failedDials: 0,
  lives: 0,
  bytesRead: 0,
  bytesWritten: 0,
  ...noEventCounts,
});
