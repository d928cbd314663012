import type { EndedBy } from '../gate/index.js';
import type { LinkClosed } from './socket/link.js';
import type { ResetCode } from './stats/counters.js';

/** What a life has done, as far as it matters for the blame of its end. */
export interface LifeFacts {
  readonly wasReady: boolean;
  readonly hasRead: boolean;
}

/**
 * Whom the end of a life speaks of. Only what the peer or the network did speaks of the endpoint: an end that the application
 * asked for may be due to what it was told in its own session, such as a refused login. An `end()` after an exchange is planned.
 */
export function endedBy(code: ResetCode, closed: Readonly<LinkClosed>, facts: LifeFacts): EndedBy {
  switch (code) {
    case 'disconnect':
      return 'disconnect';
    case 'max-age':
      return 'planned';
    case 'handshake':
    case 'requested':
      return 'owner';
    case 'local-end':
      return closed.endedBy === 'local' && facts.wasReady && facts.hasRead ? 'planned' : 'owner';
    case 'error':
      return isOfNetwork(closed.error) ? 'endpoint' : 'owner';
    default:
      return 'endpoint';
  }
}

/** Whether the end of a life leads on to the next endpoint, where there are several. */
export function leadsOn(code: ResetCode, closed: Readonly<LinkClosed>, isStable: boolean): boolean {
  switch (code) {
    case 'handshake':
    case 'heartbeat':
    case 'requested':
      return true;
    case 'max-age':
    case 'disconnect':
      return false;
    case 'local-end':
      return !isStable && closed.endedBy !== 'local';
    default:
      return !isStable;
  }
}

/** Whether an error is of the system or of TLS. The application may destroy a socket with any other error. */
function isOfNetwork(error: unknown): boolean {
  const { syscall, code } = (error ?? {}) as { readonly syscall?: unknown; readonly code?: unknown };
  return typeof syscall === 'string' || /^(?:ERR_SSL_|EPROTO$|ECONNRESET$)/.test(String(code));
}
