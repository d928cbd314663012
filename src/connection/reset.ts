import type { Endpoint } from '../primitives/endpoint.js';
import type { Reset, ResetCode } from './events.js';
import type { Loss } from './persistent-socket.js';

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

/** The end of a life as the handler is told of it: for connman's own reason, or for that of the socket. */
export function describeReset(loss: Loss, verdict: Verdict | undefined, ended: EndedLife): Reset {
  const { delay, ...facts } = ended;
  const error = verdict?.error ?? loss.error;
  return Object.freeze({
    code: verdict?.code ?? naturalCode(loss),
    ...(error && { error }),
    ...facts,
    unsentBytes: loss.unsentBytes,
    willReconnect: delay !== undefined,
    ...(delay !== undefined && { delay }),
  });
}

function naturalCode({ endedBy, error }: Loss): ResetCode {
  if (endedBy === 'remote') return 'remote-end';
  return error && !endedBy ? 'error' : 'local-end';
}
