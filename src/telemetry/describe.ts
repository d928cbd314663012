import { formatEndpoint, isPathEndpoint } from '../primitives/endpoint.js';
import { rootCode } from '../primitives/errors.js';
import { clip, escapeHidden } from '../primitives/printable.js';
import { now, toTimestamp } from '../primitives/time.js';
import type { Reset } from './events.js';
import type { ConnectionSource, PoolSource } from './subjects.js';

/** A text in quotes, with hidden characters escaped: it stays on its line and cannot command a terminal. */
export function quote(text: string): string {
  return escapeHidden(JSON.stringify(clip(text)));
}

/** The endpoint of a connection. A path is put in quotes, as it may contain any character. */
export function describeEndpoint({ endpoint }: Pick<ConnectionSource, 'endpoint'>): string {
  const text = formatEndpoint(endpoint);
  return isPathEndpoint(endpoint) ? quote(text) : text;
}

/** A connection, as far as it is shown. */
export interface InspectedConnection extends ConnectionSource {
  readonly state: string;
  readonly uptime: number;
  readonly closing?: { readonly code: string } | undefined;
  readonly record?: {
    readonly failuresInRow: number;
    readonly lastFailure: Error | Reset | undefined;
  };
  readonly dialer?: { readonly wait: number };
}

/** What `util.inspect()` shows of a connection. */
export function inspectConnection(source: InspectedConnection): string {
  const { id, pool, life, uptime } = source;
  const facts = [describeEndpoint(source), describeState(source), ...describeTrouble(source)];
  if (pool !== undefined) facts.unshift(`pool ${quote(pool)}`);
  if (life > 0) facts.push(`life ${life}`);
  if (uptime > 0) facts.push(`up ${describeTime(uptime)}`);
  return `Connection ${id} { ${facts.join(', ')} }`;
}

function describeState({ state, closing }: InspectedConnection): string {
  return closing ? `${state} (${closing.code})` : state;
}

/** Why a connection is not ready, how often in a row, and when it dials next. */
function describeTrouble({ state, closing, record, dialer }: InspectedConnection): string[] {
  const isAsked = closing?.code === 'disconnect' || closing?.code === 'aborted';
  if (!record || state === 'ready' || isAsked) return [];
  const { failuresInRow, lastFailure } = record;
  const facts: string[] = [];
  if (lastFailure)
    facts.push(describeFailure(lastFailure) + (failuresInRow > 1 ? ` × ${failuresInRow}` : ''));
  const wait = state === 'waiting' ? (dialer?.wait ?? 0) : 0;
  if (wait === Infinity) facts.push('no dial before reconnectNow()');
  else if (wait > 0) facts.push(`next dial in ${describeTime(wait)}`);
  return facts;
}

/** The code of a failure. Not its message, which may contain anything. */
function describeFailure(failure: Error | Reset): string {
  if (!(failure instanceof Error)) return plainCode(failure.rootCode) ?? failure.code;
  return plainCode(rootCode(failure)) ?? failure.name;
}

/** A code that is safe to print. */
export function plainCode(code: unknown): string | undefined {
  return typeof code === 'string' && /^[\w-]{1,99}$/.test(code) ? code : undefined;
}

/** A length of time in milliseconds. */
export function describeTime(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 10_000
    ? `${(milliseconds / 1_000).toFixed(1)} s`
    : `${Math.floor(milliseconds / 1_000)} s`;
}

/** What `util.inspect()` shows of a lease; `cut` is the end of the life in which it began. */
export function inspectLease(source: ConnectionSource, state: string, cut: Reset | undefined): string {
  const facts = [`connection ${source.id}`, describeEndpoint(source), state];
  if (source.pool !== undefined) facts.unshift(`pool ${quote(source.pool)}`);
  if (cut) facts.push(`its life ended: ${plainCode(cut.rootCode) ?? cut.code}`);
  return `Lease { ${facts.join(', ')} }`;
}

/** A pool, as far as it is shown. */
interface ShownPool extends PoolSource {
  readonly readyCount: number;
}

/** What `util.inspect()` shows of a pool. */
export function inspectPool(source: ShownPool, health?: ShownHealth): string {
  const { name, size, readyCount } = source;
  if (health?.isClosed && size === 0) return `Pool ${quote(name)} { closed }`;
  const facts = [`${readyCount} of ${size} ready`];
  if (health?.isClosed) facts.unshift('closing');
  if (health?.notUpSince !== undefined && size > 0) {
    facts.push(`${health.state} for ${describeTime(toTimestamp(now()) - health.notUpSince)}`);
    const code = plainCode(health.rootCode);
    if (code) facts.push(code);
  }
  if (health && health.waiting > 0) facts.push(`${health.waiting} wait${health.waiting === 1 ? 's' : ''}`);
  return `Pool ${quote(name)} { ${facts.join(', ')} }`;
}

/** The health of a pool, as far as it is shown. */
interface ShownHealth {
  readonly state: string;
  readonly notUpSince: number | undefined;
  readonly rootCode: string | undefined;
  readonly waiting: number;
  readonly isClosed: boolean;
}
