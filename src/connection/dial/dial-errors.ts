import { formatEndpoint, type Endpoint } from '../../primitives/endpoint.js';
import { DialError, messageOf, TimeoutError, withCause, type DialPhase } from '../../primitives/errors.js';
import type { Dial } from './dial.js';

const stuck: Readonly<Record<DialPhase, string>> = {
  lookup: 'the name is not looked up yet',
  connect: 'the server has not answered',
  prelude: 'TCP is up, but the prelude is not done',
  tls: 'TCP is up, but the TLS handshake is not done',
};

/** Why a dial is ended that takes too long. */
export function dialTimeout({ phase, isAsking }: Dial, timeout: number): TimeoutError {
  const what = isAsking ? 'the function that is the option tls has not answered' : stuck[phase];
  return new TimeoutError(`no connection within ${timeout} ms: ${what}`, timeout);
}

/** What a failed dial is reported as. */
export function dialError(
  endpoint: Endpoint,
  phase: DialPhase,
  attempts: number,
  cause: Error | undefined,
): DialError {
  const what = `dial to ${formatEndpoint(endpoint)} failed (${attempts} in a row)`;
  const why = cause ? explain(what, cause) : `${what}: the socket was destroyed before it connected`;
  return new DialError(why, { endpoint, phase, ...(cause && { cause }) });
}

// The AggregateError of a host with several addresses has no message of its own.
function explain(what: string, cause: Error): string {
  const { errors } = cause as { readonly errors?: unknown };
  if (!Array.isArray(errors) || cause.message !== '') return withCause(what, cause);
  return `${what}: ${errors.map(messageOf).join('; ')}`;
}
