import { isIll } from './diagnosis.js';
import type { Kind } from './kinds.js';
import type { Server } from './server.js';
import { formatCount, formatSpan } from './span.js';

/** What the gate of an endpoint says of its next dial. */
export interface NextDial {
  /** When it begins, in milliseconds on the clock of the records; nothing where a dial is under way or none is to come. */
  readonly at: number | undefined;
  /** How many connections wait for their turn. */
  readonly waiting: number;
}

/** A server, and what is wrong with it. */
export interface Finding {
  readonly server: Server;
  readonly kind: Kind;
}

/** A few words for a server, such as `down for 23 s`. */
function status({ server, kind }: Finding, at: number): string {
  switch (kind) {
    case 'up':
      return 'up';
    case 'new':
      return 'is being dialled';
    case 'left':
      return `left for ${server.leftFor ?? 'another'}`;
    case 'gone':
      return 'no connections';
    case 'slow':
      return 'slow';
    default:
      return `${kind} for ${formatSpan(at - illSince(server, kind, at))}`;
  }
}

/** Since when a server is ill: one that flaps, which may be up for a moment, since the first of its losses. */
export function illSince(server: Server, kind: Kind, at: number): number {
  const ill = server.illSince ?? server.slowness?.since ?? server.since;
  const flapping = kind === 'flapping' ? server.flaps.at(at) : undefined;
  return flapping ? Math.min(flapping.since, server.illSince ?? Infinity) : ill;
}

/** Why a server is ill. */
export function reason({ server, kind }: Finding, at: number): string {
  const { trouble, ready, size, slowness } = server;
  const code = trouble?.code ?? 'unknown';
  switch (kind) {
    case 'frozen':
      return ready > 0 && slowness ? slowness.reason : `it accepts connections and does not answer (${code})`;
    case 'flapping':
      return `lost ${formatCount(server.flaps.at(at)?.times ?? 0, 'time')}${trouble ? ` (${code})` : ''}`;
    case 'refusing':
      return `the handshake is refused (${code})`;
    case 'degraded':
      return `${ready} of ${size} ready (${code})`;
    case 'slow':
      return slowness?.reason ?? 'slow';
    default:
      return isIll(kind) || kind === 'left' ? code : '';
  }
}

/** One sentence for an ill server: which, what, since when, why, what next. */
export function sentence(finding: Finding, next: NextDial | undefined, at: number): string {
  const { server, kind } = finding;
  const head = `${server.name} is ${status(finding, at)}: ${reason(finding, at)}`;
  if (kind === 'slow') return head;
  const facts = [head];
  if (server.closed > 0) facts.push(`${formatCount(server.closed, 'connection')} closed for good`);
  if (next?.at !== undefined && next.at > at) facts.push(`next dial in ${formatSpan(next.at - at)}`);
  if (next && next.waiting > 0) facts.push(`${formatCount(next.waiting, 'connection')} wait${verb(next)}`);
  return facts.join('; ');
}

function verb({ waiting }: NextDial): string {
  return waiting === 1 ? 's' : '';
}

/** What is to be read first. */
export function headline(
  sentences: readonly string[],
  ill: number,
  all: number,
  connections: number,
): string {
  if (all === 0) return 'No connections yet.';
  if (ill === 1 && sentences[0] !== undefined) return `${sentences[0]}.`;
  if (ill > 1) return `${ill} of ${all} servers are ill.`;
  const servers = all === 1 ? 'The server is' : `All ${all} servers are`;
  return `${servers} well; ${connections === 1 ? 'its connection is' : `${connections} connections are`} ready.`;
}

/** The same without what changes by the second: a screen reader says it when it changes, and only then. */
export function announcement(findings: readonly Finding[], all: number): string {
  if (findings.length === 0) return all === 0 ? 'No connections yet.' : 'All servers are well.';
  const named = findings.slice(0, 5).map(({ server, kind }) => `${server.name} is ${kind}`);
  if (findings.length > named.length) named.push(`and ${findings.length - named.length} more`);
  return `${findings.length} of ${all} servers ${findings.length === 1 ? 'is' : 'are'} ill: ${named.join(', ')}.`;
}
