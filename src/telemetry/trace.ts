import { debuglog } from 'node:util';
import { DialError, rootCode } from '../primitives/errors.js';
import { formatMoment, now, toTimestamp } from '../primitives/time.js';
import { describeEndpoint, describeTime, plainCode, quote } from './describe.js';
import type { Reset } from './events.js';
import type { ConnectionSource, GateReport, GateSource, GateState } from './subjects.js';

const debug = debuglog('connman');

/** Whether lines are written. */
export function isTracing(): boolean {
  return debug.enabled;
}

function log(line: string): void {
  debug(`${formatMoment(now())} ${line}`);
}

/** With `NODE_DEBUG=connman`, writes a line about a change of a connection's state. */
export function traceMove(
  source: ConnectionSource,
  from: string,
  to: string,
  trigger: string,
  reason: string | DialError | undefined,
): void {
  if (!debug.enabled) return;
  const said = reason instanceof DialError ? whyFailed(reason) : reason;
  const why = said === undefined || said === trigger ? '' : `: ${said}`;
  log(`${subject(source)}: ${from} -> ${to} (${trigger}${why})${lifeOf(source)}`);
}

/** With `NODE_DEBUG=connman`, writes a line about the end of a life, and the wait that follows. */
export function traceReset(
  source: ConnectionSource,
  { code, rootCode: root, uptime, life, delay }: Reset,
): void {
  if (!debug.enabled) return;
  const why = plainCode(root) ? `${code}, ${root}` : code;
  log(`${subject(source)}: lost after ${describeTime(uptime)} (${why})${nextDial(delay)}, life ${life}`);
}

/** With `NODE_DEBUG=connman`, writes a line about the wait after a failed dial. */
export function traceRetry(source: ConnectionSource, attempts: number, delay: number | undefined): void {
  if (!debug.enabled || delay === undefined) return;
  log(`${subject(source)}: ${attempts} failed in a row${nextDial(delay)}`);
}

/** With `NODE_DEBUG=connman`, writes a line about a change of a gate. */
export function traceGate(gate: GateSource, report: GateReport, from: GateState): void {
  if (!debug.enabled) return;
  const { endpoint, isTls } = gate;
  const { state, window, dialling, waiting, nextDialAt } = report;
  const facts = [state === from ? state : `${from} -> ${state}`, `window ${window}`];
  facts.push(`${dialling} dialling`, `${waiting} waiting`);
  const delay = nextDialAt === undefined ? undefined : Math.max(0, nextDialAt - toTimestamp(now()));
  const where = describeEndpoint({ endpoint });
  log(`gate ${where}${isTls ? ' (TLS)' : ''}: ${facts.join(', ')}${nextDial(delay)}`);
}

function nextDial(delay: number | undefined): string {
  return delay === undefined ? '' : `, next dial in ${describeTime(delay)}`;
}

/** With `NODE_DEBUG=connman`, writes a line about a write that was refused. */
export function traceRefusedWrite(source: ConnectionSource, state: string): void {
  if (debug.enabled) log(`${subject(source)}: a write was refused (${state})${lifeOf(source)}`);
}

/** With `NODE_DEBUG=connman`, writes a line about a life that begins to retire. */
export function traceRetire(source: ConnectionSource, code: string): void {
  if (debug.enabled) log(`${subject(source)}: retires (${code}), life ${source.life}`);
}

/** Before the first life there is none to tell. */
function lifeOf({ life }: ConnectionSource): string {
  return life > 0 ? `, life ${life}` : '';
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
