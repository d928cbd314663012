import type { Urgency } from './dial-queue.js';

/**
 * What dials and lives say about an endpoint, or an owner:
 * - `good`: dials are let through. Each that succeeds lets more through at once.
 * - `lost`: the last connection was lost, and no dial has ended since. One dial at a time, after the wait.
 * - `failing`: the last dial failed. One dial at a time, after the wait.
 * - `flapping`: connections die young. One dial at a time, after the wait; a dial that succeeds puts the endpoint on trial,
 *   until the new life is stable.
 */
export type EndpointHealth = 'good' | 'lost' | 'failing' | 'flapping';

/** Whether a dial begins before the end of the wait: an urgent one, and a new one as long as there is no trouble. */
export function skipsWait(urgency: Urgency, health: EndpointHealth): boolean {
  return urgency === 'urgent' || (urgency === 'new' && health === 'good');
}

/** Which wait follows: `failure` and `loss` take the next step of the backoff, `first` uses its first step. */
export type Wait = 'failure' | 'loss' | 'first' | undefined;

/** What follows from an event. */
export interface Decision {
  readonly wait: Wait;
  /** Whether a life was stable, so that the backoff starts over. */
  readonly isStable: boolean;
}

/**
 * What the end of a life is about:
 * - `endpoint`: the endpoint or the network. It is true for all who use the endpoint.
 * - `owner`: a refused handshake, or an end that the owner made. It says nothing about the endpoint.
 * - `planned`: the owner has ended a life that had done its work, to dial again at once.
 * - `disconnect`: no dial follows.
 */
export type EndedBy = 'endpoint' | 'owner' | 'planned' | 'disconnect';

/**
 * What a failed dial is about:
 * - `endpoint`: it was refused, timed out or was lost. It is true for all who use the endpoint.
 * - `options`: it failed by the options that it was made with, and never left this host.
 * - `answer`: it failed by its options as well, but the endpoint has answered.
 */
export type DialBlame = 'endpoint' | 'options' | 'answer';

/** The end of a life, as its connection reports it. */
export interface LifeReport {
  readonly uptime: number;
  readonly endedBy: EndedBy;
  /** Whether its handshake was refused. */
  readonly isRefused?: boolean;
}

/** How a life has ended. */
export interface LifeEnd {
  readonly uptime: number;
  readonly stableAfter: number;
  /** Whether its end counts: it is true of what the admission is for. */
  readonly counts: boolean;
  /** Whether the trial was of this life. */
  readonly wasOnTrial: boolean;
  /** Whether others wait for a dial already. */
  readonly othersWait: boolean;
}

/** No wait, and nothing is proved. */
export const nothing: Decision = Object.freeze({ wait: undefined, isStable: false });
export const stableLife: Decision = Object.freeze({ wait: undefined, isStable: true });
/** A life died before it was stable. */
export const youngLoss: Decision = Object.freeze({ wait: 'loss', isStable: false });
