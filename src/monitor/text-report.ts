import { formatTimeOfDay } from '../primitives/time.js';
import type { Message } from './messages.js';

/** How many of the last lines of the log are told. */
const mostLines = 20;

/** A message with everything, as text for a terminal or the channel of an incident. Times of day are in UTC. */
export function textReport({
  now,
  startedAt,
  followedSince,
  headline,
  sentences,
  more,
  rows,
  numbers,
  causes,
  pools,
  log,
}: Message): string {
  const healthy = rows.filter(({ kind }) => kind === 'up').map(({ name }) => name);
  const shown =
    healthy.slice(0, 10).join(', ') + (healthy.length > 10 ? `, and ${healthy.length - 10} more` : '');
  const parts = [
    [`connman, ${formatTimeOfDay(now).slice(0, 19)}Z`, headline],
    sentences.length > 1 || !headline.startsWith(sentences[0] ?? ' ')
      ? sentences.map((each) => `- ${each}`)
      : [],
    more > 0 ? [`- and ${more} more`] : [],
    healthy.length > 0 ? [`well (${healthy.length}): ${shown}`] : [],
    pools.map(
      ({ name, size, ready, leased, waiting }) =>
        `pool ${name}: ${ready} of ${size} ready, ${leased} leased, ${waiting} waiting`,
    ),
    [numbers.map(([label, value]) => `${label}: ${value}`).join('; ')],
    causes.length > 0 ? [`causes: ${causes.map(([code, count]) => `${code} × ${count}`).join(', ')}`] : [],
    log.slice(-mostLines).map(({ subject, text, count, first, last }) => {
      const times = clock(first) === clock(last) ? clock(last) : `${clock(first)}–${clock(last)}`;
      return `${times}  ${subject}  ${text}${count === 1 ? '' : ` × ${count}`}`;
    }),
    [`watched since ${clock(startedAt)}, leases since ${clock(followedSince)}`],
  ];
  return `${parts.flat().join('\n')}\n`;
}

function clock(time: number): string {
  return formatTimeOfDay(time).slice(11, 19);
}
