import { withCause } from '../primitives/errors.js';
import { describeEndpoint, type CloseCode, type ConnectionSource } from '../telemetry/index.js';

/** A connection that is closed. */
export interface ClosedConnection extends ConnectionSource {
  readonly handler: { readonly onClose?: unknown };
}

let hasWarned = false;

/**
 * Warns, once for each process, of a connection that has given up and whose handler has no `onClose`: the application would go on
 * without it, or end, and say nothing. Callers of a pool are told why there is no connection.
 */
export function warnIfUnheard(connection: ClosedConnection, code: CloseCode, error: unknown): void {
  if (hasWarned || connection.pool !== undefined || connection.handler.onClose) return;
  if (code !== 'fatal' && code !== 'gave-up') return;
  hasWarned = true;
  const message = `the connection to ${describeEndpoint(connection)} has given up (${code}), and its handler has no onClose`;
  process.emitWarning(withCause(message, error), { type: 'ConnmanWarning', code: 'CONNMAN_GAVE_UP' });
}
