// What the page is sent; of the page as well: no import but of types.
import type { Kind } from './kinds.js';

/** How bad it is, for colours. */
export type Tone = 'well' | 'warning' | 'ill';

/** A server. What is not known is left out. Times of day are in milliseconds since 1970. */
export interface Row {
  readonly index: number;
  readonly name: string;
  readonly pool?: string;
  readonly kind: Kind;
  readonly reason: string;
  /** Since when it is ill. */
  readonly since?: number;
  readonly size: number;
  readonly ready: number;
}

/** A change of a lane: its number, the time of day, the server, the state. */
export type LaneChange = readonly [number: number, at: number, server: number, state: number];

/** A line of the log. */
export interface LogLine {
  readonly number: number;
  readonly subject: string;
  readonly text: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** A pool. */
export interface PoolLine {
  readonly name: string;
  readonly size: number;
  readonly ready: number;
  readonly leased: number;
  readonly waiting: number;
  /** How many calls got no lease so far. */
  readonly refused: number;
}

/** How many dials there were in each of 120 intervals. */
export interface Dials {
  readonly done: readonly number[];
  readonly failed: readonly number[];
}

/** What is sent once a second: of servers, lanes and log only what has changed. */
export interface Message {
  /** The first message, with all that is known: what was sent before is forgotten. */
  readonly isFirst: boolean;
  readonly now: number;
  readonly startedAt: number;
  /** Since when leases are followed: since a page is open. Before that, no server is known to be slow. */
  readonly followedSince: number;
  readonly tone: Tone;
  readonly headline: string;
  readonly announcement: string;
  readonly sentences: readonly string[];
  /** How many more servers are ill. */
  readonly more: number;
  /** Label and value of each number. */
  readonly numbers: readonly (readonly [label: string, value: string])[];
  readonly causes: readonly (readonly [code: string, count: number])[];
  readonly dials: { readonly minutes: Dials; readonly hour: Dials };
  readonly pools: readonly PoolLine[];
  readonly rows: readonly Row[];
  /** Servers that are not kept any more. */
  readonly removed: readonly number[];
  readonly changes: readonly LaneChange[];
  readonly log: readonly LogLine[];
}
