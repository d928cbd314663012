import type { Endpoint } from '../../primitives/endpoint.js';
import { ConnmanError, rootCode } from '../../primitives/errors.js';
import type { Reset, ResetCode } from '../stats/counters.js';
import type { LinkClosed } from '../socket/link.js';

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
export function resetCode({ endedBy, error }: LinkClosed, verdict: Verdict | undefined): ResetCode {
  if (verdict) return verdict.code;
  if (endedBy === 'remote') return 'remote-end';
  return error && !endedBy ? 'error' : 'local-end';
}

/** Why a life is ended in which too much waits to be sent. */
export function overflowError(endpoint: Endpoint, waiting: number, maxBuffered: number): ConnmanError {
  const message = `${waiting} bytes wait to be sent: maxBuffered is ${maxBuffered}`;
  return new ConnmanError('CONNMAN_MAX_BUFFERED', message, { endpoint });
}

/** The end of a life as the handler is told of it. */
export function describeReset(
  loss: LinkClosed,
  verdict: Verdict | undefined,
  { life, endpoint, uptime, delay }: EndedLife,
): Reset {
  const error = verdict?.error ?? loss.error;
  const reset: { -readonly [Name in keyof Reset]: Reset[Name] } = {
    code: resetCode(loss, verdict),
    life,
    endpoint,
    uptime,
    unsentBytes: loss.unsentBytes,
    willReconnect: delay !== undefined,
  };
  if (error) {
    reset.error = error;
    const root = rootCode(error);
    if (root !== undefined) reset.rootCode = root;
  }
  if (delay !== undefined) reset.delay = delay;
  return Object.freeze(reset);
}
