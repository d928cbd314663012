import { debuglog } from 'node:util';
import { DialError, rootCode } from '../primitives/errors.js';
import type { ConnectionSource } from './connection-channels.js';
import { describeEndpoint, plainCode, quote } from './describe.js';

const log = debuglog('connman');

/** With `NODE_DEBUG=connman`, writes a line about a change of a connection's state. */
export function traceMove(
  source: ConnectionSource,
  from: string,
  to: string,
  trigger: string,
  reason: string | DialError | undefined,
): void {
  if (!log.enabled) return;
  const why = reason === undefined ? '' : `: ${reason instanceof DialError ? whyFailed(reason) : reason}`;
  log(`${subject(source)}: ${from} -> ${to} (${trigger}${why}), life ${source.life}`);
}

/** With `NODE_DEBUG=connman`, writes a line about a write that was refused. */
export function traceRefusedWrite(source: ConnectionSource, state: string): void {
  if (log.enabled) log(`${subject(source)}: a write was refused (${state}), life ${source.life}`);
}

/** With `NODE_DEBUG=connman`, writes a line about a life that begins to retire. */
export function traceRetire(source: ConnectionSource, code: string): void {
  if (log.enabled) log(`${subject(source)}: retires (${code}), life ${source.life}`);
}

function subject(source: ConnectionSource): string {
  const { id, pool } = source;
  const whose = pool === undefined ? '' : ` of pool ${quote(pool)}`;
  return `connection ${id}${whose} ${describeEndpoint(source)}`;
}

/** How far a dial had come, and the code of its cause. Not the message, which may contain anything. */
function whyFailed({ phase, cause }: DialError): string {
  const code = plainCode(rootCode(cause));
  return code ? `${phase}, ${code}` : phase;
}
