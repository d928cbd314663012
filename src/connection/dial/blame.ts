import type { DialBlame, EndedBy } from '../../gate/index.js';
import { TimeoutError, type DialPhase } from '../../primitives/errors.js';
import type { LinkClosed } from '../socket/link.js';
import type { ResetCode } from '../stats/counters.js';

/** What a life has done, as far as it matters for the blame of its end. */
export interface LifeFacts {
  readonly wasReady: boolean;
  readonly hasRead: boolean;
}

/**
 * Who is to blame for the end of a life. Only what the peer or the network did is true of the endpoint. An end that the application
 * asked for may be due to its own session, such as a refused login. An `end()` after an exchange is planned.
 */
export function endedBy(code: ResetCode, closed: Readonly<LinkClosed>, facts: LifeFacts): EndedBy {
  switch (code) {
    case 'disconnect':
      return 'disconnect';
    case 'max-age':
      return 'planned';
    case 'retired':
      return facts.wasReady ? 'planned' : 'owner';
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
export function leadsOn(
  code: ResetCode,
  closed: Readonly<LinkClosed>,
  isStable: boolean,
  reason?: Error,
): boolean {
  switch (code) {
    case 'handshake':
    case 'heartbeat':
    case 'requested':
      return true;
    case 'retired':
      return reason !== undefined;
    case 'max-age':
    case 'disconnect':
      return false;
    case 'local-end':
      return !isStable && closed.endedBy !== 'local';
    default:
      return !isStable;
  }
}

/** What errors of Node.js have. */
interface ErrorFacts {
  readonly syscall?: unknown;
  readonly code?: unknown;
  /** Those of the addresses of a host, in an `AggregateError`. */
  readonly errors?: unknown;
}

/** Whether an error is of the system or of TLS. The application may destroy a socket with any other error. */
function isOfNetwork(error: unknown): boolean {
  const { syscall, code } = (error ?? {}) as ErrorFacts;
  // An alert is an answer to what this side has sent: in TLS 1.3, a certificate is refused after the handshake.
  if (String(code).includes('_ALERT_')) return false;
  return typeof syscall === 'string' || /^(?:ERR_SSL_|EPROTO$|ECONNRESET$)/.test(String(code));
}

/** Errors by which a dial never leaves this host: no such local address, no free port, descriptor, memory or permission. */
const localCodes: ReadonlySet<unknown> = new Set([
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EINVAL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'ERR_ACCESS_DENIED',
  'ERR_IP_BLOCKED',
]);

/** Errors of a link that is lost, and of one that takes too long: TLS has them as well. */
const lossCodes: ReadonlySet<unknown> = new Set([
  'CONNMAN_TIMEOUT',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
]);

/** System calls whose errors are about the network, unless their code says otherwise. */
const networkCalls: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo', 'read', 'write']);

/** What a failed dial is about: `phase` is how far it had come, `hasLookup` whether the look-up is the user's own. */
export function dialBlame(phase: DialPhase, cause: Error | undefined, hasLookup: boolean): DialBlame {
  if (phase === 'lookup' && hasLookup) return 'options';
  // The endpoint was reached. What the prelude met there may be due to a login, or to a target that is not the endpoint.
  if (phase === 'prelude') return 'answer';
  if (isOfLink(cause)) return 'endpoint';
  return phase === 'tls' ? 'answer' : 'options';
}

/** What a failed dial is about. `isOfOwner` says whether the loss of a link in the TLS handshake is about its owner. */
export function blameFor(
  { phase, isAsking }: { readonly phase: DialPhase; readonly isAsking: boolean },
  cause: Error | undefined,
  hasLookup: boolean,
  isOfOwner: () => boolean,
): DialBlame {
  if (isAsking) return 'options';
  const blame = dialBlame(phase, cause, hasLookup);
  const isLost = blame === 'endpoint' && phase === 'tls' && !(cause instanceof TimeoutError);
  return isLost && isOfOwner() ? 'answer' : blame;
}

/** Whether an error says that a link was refused or lost, or took too long: it would be the same for anybody. */
function isOfLink(cause: (Error & ErrorFacts) | undefined): boolean {
  return Array.isArray(cause?.errors) ? cause.errors.some(saysLink) : saysLink(cause);
}

function saysLink(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as ErrorFacts;
  if (lossCodes.has(code)) return true;
  // A TLS error may come from a system call too: a peer that speaks no TLS is EPROTO.
  return networkCalls.has(syscall) && !localCodes.has(code) && code !== 'EPROTO';
}
