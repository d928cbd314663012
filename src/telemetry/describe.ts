import { formatEndpoint, isPathEndpoint } from '../primitives/endpoint.js';
import type { ConnectionSource } from './connection-channels.js';
import type { PoolSource } from './pool-channels.js';

/** A text in quotes, with control characters escaped: it stays on its line and cannot command a terminal. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** The endpoint of a connection. A path is put in quotes, as it may contain any character. */
export function describeEndpoint({ endpoint }: ConnectionSource): string {
  const text = formatEndpoint(endpoint);
  return isPathEndpoint(endpoint) ? quote(text) : text;
}

/** What `util.inspect()` shows of a connection. */
export function inspectConnection(
  source: ConnectionSource & { readonly state: string; readonly uptime: number },
): string {
  const { id, pool, state, life, uptime } = source;
  const facts = [describeEndpoint(source), state, `life ${life}`];
  if (pool !== undefined) facts.unshift(`pool ${quote(pool)}`);
  if (uptime > 0)
    facts.push(`up ${uptime < 1_000 ? `${Math.round(uptime)} ms` : `${Math.floor(uptime / 1_000)} s`}`);
  return `Connection ${id} { ${facts.join(', ')} }`;
}

/** What `util.inspect()` shows of a pool. */
export function inspectPool({
  name,
  size,
  readyCount,
}: PoolSource & { readonly readyCount: number }): string {
  return `Pool ${quote(name)} { ${readyCount} of ${size} ready }`;
}
