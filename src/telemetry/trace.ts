import { debuglog } from 'node:util';
import { DialError } from '../primitives/errors.js';
import type { ConnectionSource } from './connection-channels.js';
import { describeEndpoint, quote } from './describe.js';

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
  const { id, pool, life } = source;
  const whose = pool === undefined ? '' : ` of pool ${quote(pool)}`;
  const why = reason === undefined ? '' : `: ${reason instanceof DialError ? whyFailed(reason) : reason}`;
  log(
    `connection ${id}${whose} ${describeEndpoint(source)}: ${from} -> ${to} (${trigger}${why}), life ${life}`,
  );
}

/** How far a dial had come, and the code of its cause. Not the message, which may contain anything. */
function whyFailed({ phase, cause }: DialError): string {
  const code: unknown = (cause as Partial<NodeJS.ErrnoException> | undefined)?.code;
  return typeof code === 'string' && /^\w+$/.test(code) ? `${phase}, ${code}` : phase;
}
