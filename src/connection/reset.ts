import type { Endpoint } from '../primitives/endpoint.js';
import type { Reset, ResetCode } from './events.js';
import type { Loss } from './link.js';

/** Why connman itself is ending a life. */
export interface Verdict {
  readonly code: ResetCode;
  readonly error?: Error | undefined;
}

/** What is known of a life that has ended, besides how its socket was lost. */
export interface EndedLife {
  readonly life: number;
  readonly endpoint: Endpoint;
  readonly uptime: number;
  /** The wait for the next dial; none after the last life. */
  readonly delay: number | undefined;
}

/** Why a life ended: for connman's own reason, or for that of the socket. */
export function resetCode({ endedBy, error }: Loss, verdict: Verdict | undefined): ResetCode {
  if (verdict) return verdict.code;
  if (endedBy === 'remote') return 'remote-end';
  return error && !endedBy ? 'error' : 'local-end';
}

/** The end of a life as the handler is told of it. */
export function describeReset(loss: Loss, verdict: Verdict | undefined, ended: EndedLife): Reset {
  const { delay, ...facts } = ended;
  const error = verdict?.error ?? loss.error;
  return Object.freeze({
    code: resetCode(loss, verdict),
    ...(error && { error }),
    ...facts,
    unsentBytes: loss.unsentBytes,
    willReconnect: delay !== undefined,
    ...(delay !== undefined && { delay }),
  });
}
