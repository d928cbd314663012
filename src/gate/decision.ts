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

/** How a life has ended. */
export interface LifeEnd {
  readonly uptime: number;
  readonly stableAfter: number;
  readonly endedBy: EndedBy;
  /** Whether the endpoint was on trial with this life. */
  readonly wasOnTrial: boolean;
  /** Whether other connections wait for a dial already. */
  readonly othersWait: boolean;
}

/** No wait, and nothing is proved. */
export const nothing: Decision = Object.freeze({ wait: undefined, isStable: false });
export const stableLife: Decision = Object.freeze({ wait: undefined, isStable: true });
/** A life died before it was stable. */
export const youngLoss: Decision = Object.freeze({ wait: 'loss', isStable: false });
