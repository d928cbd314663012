/** Which wait follows: `failure` and `loss` take the next step of the backoff, `first` uses its first step. */
export type Wait = 'failure' | 'loss' | 'first' | undefined;

/** What follows from an event. */
export interface Decision {
  readonly wait: Wait;
  /** Whether a life was stable, so that the backoff starts over. */
  readonly isStable: boolean;
}

/** How a life has ended. */
export interface LifeEnd {
  readonly uptime: number;
  readonly stableAfter: number;
  /** What ended it: the `endpoint` or the network; the `program`, this side, to dial again; or a `disconnect`. */
  readonly endedBy: 'endpoint' | 'program' | 'disconnect';
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
