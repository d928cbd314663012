import { formatEndpoint } from '../primitives/endpoint.js';
import { rootCode } from '../primitives/errors.js';
import type { DialPhase, Endpoint, ResetCode } from '../index.js';
import { printable } from '../primitives/printable.js';

/**
 * What sort of failure it is, as far as it tells faults apart:
 * - `gone`: the server is not reached, or ends what it has accepted.
 * - `silent`: it accepts connections, and does not answer.
 * - `refused`: it answers, and the handshake of the application fails.
 */
export type TroubleKind = 'gone' | 'silent' | 'refused';

/** Something that went wrong with a server. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** The code at the root of it, such as `ECONNREFUSED` or `heartbeat`. */
  readonly code: string;
}

/** The end of a life, as far as it is judged. */
export interface Ending {
  readonly code: ResetCode;
  readonly error?: Error;
  readonly rootCode?: string;
}

const silent: ReadonlySet<string> = new Set(['heartbeat', 'idle', 'max-buffered']);
const planned: ReadonlySet<string> = new Set(['max-age', 'retired', 'disconnect']);
const own: ReadonlySet<string> = new Set(['requested', 'local-end']);
const timeouts: ReadonlySet<string> = new Set(['CONNMAN_TIMEOUT', 'ETIMEDOUT']);

/** What the end of a life says of its server; nothing where it was planned, or was what the application wanted. */
export function troubleOfReset({ code, error, rootCode: root }: Ending): Trouble | undefined {
  if (planned.has(code) || (own.has(code) && !error)) return undefined;
  if (silent.has(code)) return { kind: 'silent', code };
  const said = safeCode(root);
  if (code !== 'handshake') return { kind: 'gone', code: said ?? code };
  if (said !== undefined && timeouts.has(said)) return { kind: 'silent', code };
  // A handshake that the server has cut short: ECONNRESET is the server's doing, the rest is the application's.
  return { kind: said?.startsWith('ECONN') || said === 'EPIPE' ? 'gone' : 'refused', code: said ?? code };
}

/** What a failed dial says of a server: one that accepts and is silent in TLS or a prelude is not gone. */
export function troubleOfDial(phase: DialPhase, error: unknown): Trouble {
  const code = safeCode(rootCode(error)) ?? phase;
  const hasAccepted = phase === 'tls' || phase === 'prelude';
  if (!hasAccepted) return { kind: 'gone', code: code === 'CONNMAN_TIMEOUT' ? `${phase} timed out` : code };
  if (timeouts.has(code)) return { kind: 'silent', code: `${phase} timed out` };
  return { kind: code.startsWith('ECONN') ? 'gone' : 'refused', code };
}

/** A code that is safe to show. One that an application has made up may contain anything. */
export function safeCode(code: unknown): string | undefined {
  return typeof code === 'string' && /^[\w-]{1,48}$/.test(code) ? code : undefined;
}

/** The name of a server: one for each endpoint. */
export function nameOf(endpoint: Endpoint): string {
  return printable(formatEndpoint(endpoint));
}
