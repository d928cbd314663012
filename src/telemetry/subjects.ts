import type { Endpoint } from '../primitives/endpoint.js';

/** The members of every message about a connection. */
export interface ConnectionEvent {
  /** The connection's `id`. */
  readonly id: number;
  /** The name of its pool, if it has one. */
  readonly pool: string | undefined;
  readonly endpoint: Endpoint;
  /** How many lives have begun. */
  readonly life: number;
}

/** What the messages need of a connection. */
export type ConnectionSource = ConnectionEvent;

/** What the messages need of a pool. */
export interface PoolSource {
  readonly name: string;
  readonly size: number;
}

/**
 * The state of an endpoint:
 * - `up`: a connection that wants to dial does so at once.
 * - `opening`: dials succeed, and more and more are let through at once. Other connections wait for room.
 * - `probing`: dials fail, connections die young, or the last one was lost. One connection dials; the others wait.
 */
export type GateState = 'up' | 'opening' | 'probing';

/** The gate to an endpoint, which all connections of a manager to that endpoint share: a snapshot. */
export interface GateReport {
  /** Whether the endpoint is up. */
  readonly state: GateState;
  /** How many dials may be in flight: 1 while it is probing, at most `maxDialing`. */
  readonly window: number;
  /** How many dials are in flight. */
  readonly dialling: number;
  /** How many connections wait for their turn. */
  readonly waiting: number;
  /**
   * When the next dial begins, in milliseconds since 1970. `undefined` if no connection waits, or if a dial in flight has to
   * end first.
   */
  readonly nextDialAt: number | undefined;
}

/** What the messages need of a gate. */
export interface GateSource {
  readonly endpoint: Endpoint;
  readonly isTls: boolean;
}
