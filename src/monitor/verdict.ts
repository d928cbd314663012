import { diagnose, isIll } from './diagnosis.js';
import { kinds, type Kind } from './kinds.js';
import type { Tone } from './messages.js';
import { median, type Slowness } from './pace.js';
import type { DiscoveryNews, Recording } from './recording.js';
import { announcement, headline, illSince, sentence, type Finding, type NextDial } from './sentences.js';
import type { Server } from './server.js';
import { formatCount, formatSpan } from './span.js';

const ranks = Object.fromEntries(kinds.map((kind, rank) => [kind, rank])) as Readonly<Record<Kind, number>>;

/** How many ill servers have a sentence. */
const mostSentences = 20;

/** What is found of all servers at a moment. */
export interface Verdict {
  readonly tone: Tone;
  readonly headline: string;
  readonly announcement: string;
  /** One for each of the worst servers, and for each discovery that fails. */
  readonly sentences: readonly string[];
  /** How many more servers are ill. */
  readonly more: number;
  /** All servers, the worst and the longest ill first. */
  readonly findings: readonly Finding[];
}

/** Looks at all servers; `nextDials` says what is known of the next dial to the worst of them. */
export function judge(
  recording: Recording,
  at: number,
  nextDials: (servers: readonly Server[]) => ReadonlyMap<number, NextDial>,
): Verdict {
  recording.servers.settle(at);
  const findings = findingsOf(Array.from(recording.servers), at);
  const ill = findings.filter(({ kind }) => isIll(kind));
  const present = findings.filter(({ kind }) => kind !== 'gone');
  const worst = ill.slice(0, mostSentences);
  const next = nextDials(worst.map(({ server }) => server));
  const told = worst.map((finding) => sentence(finding, next.get(finding.server.index), at));
  const failing = discoverySentences(recording.discovery, at);
  const isBad = ill.some(({ kind }) => kind !== 'degraded' && kind !== 'slow');
  const connections = recording.servers.connections;
  return {
    tone: isBad ? 'ill' : ill.length + failing.length > 0 ? 'warning' : 'well',
    headline:
      ill.length === 0 && failing[0] !== undefined
        ? `${failing[0]}.`
        : headline(told, ill.length, present.length, connections),
    announcement: [announcement(ill, present.length), ...failing.map(() => 'A discovery fails.')].join(' '),
    sentences: [...told, ...failing],
    more: ill.length - worst.length,
    findings,
  };
}

function findingsOf(servers: readonly Server[], at: number): Finding[] {
  const since = ({ server, kind }: Finding): number => illSince(server, kind, at);
  const paced = servers.filter(({ pace }) => pace);
  for (const server of paced) server.perceive(slownessOf(server, paced, at), at);
  return servers
    .map((server) => ({ server, kind: diagnose(server, at) }))
    .toSorted(
      (one, other) =>
        ranks[one.kind] - ranks[other.kind] ||
        (isIll(one.kind) ? since(one) - since(other) : one.server.name < other.server.name ? -1 : 1),
    );
}

function slownessOf(
  { pace, index, pool }: Server,
  paced: readonly Server[],
  at: number,
): Slowness | undefined {
  if (!pace) return undefined;
  const others = paced
    .filter((each) => each.index !== index && each.pool === pool)
    .map((each) => each.pace?.held(at));
  return pace.slowness(median(others.filter((held) => held !== undefined)), at);
}

function discoverySentences(discovery: ReadonlyMap<string, DiscoveryNews>, at: number): string[] {
  return [...discovery].flatMap(([pool, { endpoints, failure }]) => {
    if (!failure) return [];
    const kept =
      endpoints === undefined
        ? ''
        : `; its last ${formatCount(endpoints, 'endpoint')} stay${endpoints === 1 ? 's' : ''} in use`;
    return [
      `the discovery of pool ${pool} fails for ${formatSpan(at - failure.since)}: ${failure.code}${kept}`,
    ];
  });
}
