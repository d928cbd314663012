import type { Dials, LogLine, Message } from '../messages.js';
import { byId, clock, clocks, element, fill, say } from './elements.js';
import { paint } from './lanes.js';

const mostLines = 100;
const log = new Map<number, LogLine>();

/** The numbers, the pools, the causes and the log. */
export function showPanels({
  numbers,
  pools,
  causes,
  log: lines,
  isFirst,
  startedAt,
  followedSince,
}: Message): void {
  fill(byId('numbers'), numbers, ([label, value]) => [element('dt', label), element('dd', value)]);
  fill(byId('pools'), pools, ({ name, size, ready, leased, waiting }) => {
    const item = element('li');
    const facts = `${leased} leased, ${waiting} waiting`;
    item.append(
      element('span', name),
      element('span', `${ready} of ${size}`),
      element('span', facts, 'quiet'),
    );
    return [item];
  });
  fill(byId('causes'), causes, ([code, count]) => {
    const item = element('li');
    item.append(element('span', code), element('span', `× ${count}`));
    return [item];
  });
  for (const [list, text] of [
    ['pools', 'none'],
    ['causes', 'nothing'],
  ] as const) {
    if (!byId(list).firstChild) byId(list).append(element('li', text, 'quiet'));
  }
  showLog(lines, isFirst);
  const watched = `Servers are watched since ${clock(startedAt)}`;
  const followed = `leases since ${clock(followedSince)}, while a page is open; slow servers are found by their leases`;
  say(byId('footer'), `${watched}, ${followed}. Times are in UTC.`);
}

/** The dials, as bars from the left: those that failed from above. */
export function showDials({ done, failed }: Dials, range: number): void {
  const sum = (counts: readonly number[]): number => counts.reduce((one, other) => one + other, 0);
  const most = Math.max(1, ...done.map((count, index) => count + (failed[index] ?? 0)));
  const text = `${sum(done)} succeeded, ${sum(failed)} failed in the last ${range > 120_000 ? 'hour' : '2 min'}; at most ${most} in ${range > 120_000 ? '30 s' : '1 s'}`;
  say(byId('dials-text'), text);
  byId('dials').setAttribute('aria-label', `Dials over time: ${text}`);
  const style = getComputedStyle(document.documentElement);
  paint(byId('dials') as HTMLCanvasElement, (context, width, height) => {
    const bar = width / done.length;
    const column = (index: number, from: number, count: number, colour: string): void => {
      context.fillStyle = style.getPropertyValue(colour);
      const high = (count / most) * height;
      context.fillRect(index * bar, height - (from / most) * height - high, Math.max(bar - 1, 1), high);
    };
    context.fillStyle = style.getPropertyValue('--line');
    context.fillRect(0, height - 1, width, 1);
    for (const [index, count] of done.entries()) {
      column(index, 0, count, '--up');
      column(index, count, failed[index] ?? 0, '--down');
    }
  });
}

function showLog(lines: readonly LogLine[], isFirst: boolean): void {
  if (isFirst) log.clear();
  if (lines.length === 0 && !isFirst) return;
  for (const line of lines) {
    // What has happened again is the last thing that happened.
    log.delete(line.number);
    log.set(line.number, line);
  }
  for (const number of log.keys()) {
    if (log.size <= mostLines) break;
    log.delete(number);
  }
  fill(byId('log'), [...log.values()].toReversed(), ({ subject, text, count, first, last }) => {
    const item = element('li');
    item.append(
      element('span', clocks(first, last), 'quiet'),
      element('span', subject),
      element('span', count === 1 ? text : `${text} × ${count}`),
    );
    return [item];
  });
}
