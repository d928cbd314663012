import { kinds } from '../kinds.js';
import type { Message, Row } from '../messages.js';
import { formatSpan } from '../span.js';
import { byId, clock, element, fill, say } from './elements.js';
import { Lanes, stateNames } from './lanes.js';
import { showDials, showPanels } from './panels.js';
import { ServerList, toneOf } from './server-list.js';

const lanes = new Lanes();
const ill = new ServerList('ill', 'more-ill', lanes);
const well = new ServerList('well', 'more-well', lanes);
const rows = new Map<number, Row>();
const fold = byId('fold') as HTMLDetailsElement;
const filter = byId('filter') as HTMLInputElement;
let last: Message | undefined;

function take(message: Message): void {
  last = message;
  const { isFirst, changes, removed, now, startedAt } = message;
  if (isFirst) {
    rows.clear();
    lanes.clear();
  }
  lanes.now = now;
  lanes.startedAt = startedAt;
  for (const row of message.rows) rows.set(row.index, row);
  for (const index of removed) {
    rows.delete(index);
    lanes.forget(index);
  }
  lanes.add(changes);
  byId('lost').hidden = true;
  showVerdict(message);
  showPanels(message);
  show();
}

function showVerdict({ headline, tone, sentences, more, announcement }: Message): void {
  const title = byId('headline');
  say(title, headline);
  title.className = tone;
  say(byId('announcement'), announcement);
  // One sentence is the headline itself.
  const told = sentences.length === 1 && headline.startsWith(sentences[0] ?? '') ? [] : [...sentences];
  if (more > 0) told.push(`and ${more} more`);
  fill(byId('sentences'), told, (text) => [element('li', text)]);
  showIcon(tone);
}

/** The tab says how things are. */
function showIcon(tone: string): void {
  const count = [...rows.values()].filter((row) => toneOf(row) === 'ill' || toneOf(row) === 'warning').length;
  say(document.querySelector('title') as Element, count > 0 ? `(${count}) connman` : 'connman');
  const colour = tone === 'well' ? '2da44e' : tone === 'ill' ? 'cf222e' : 'd98300';
  const icon = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 2'><circle cx='1' cy='1' r='1' fill='%23${colour}'/></svg>`;
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (link && link.getAttribute('href') !== icon) link.setAttribute('href', icon);
}

/** Shows the lists, the time axes and the dials of the last message. */
function show(): void {
  if (!last) return;
  const wanted = filter.value.trim().toLowerCase();
  const matching = [...rows.values()].filter(({ name, pool = '' }) =>
    `${name} ${pool}`.toLowerCase().includes(wanted),
  );
  const isWell = (row: Row): boolean => toneOf(row) === 'well' || toneOf(row) === '';
  const sick = matching.filter((row) => !isWell(row));
  const healthy = matching.filter(isWell);
  const rank = ({ kind }: Row): number => kinds.indexOf(kind);
  sick.sort((one, other) => rank(one) - rank(other) || (one.since ?? 0) - (other.since ?? 0));
  healthy.sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
  say(byId('ill-title'), sick.length > 0 ? `Servers that are ill (${sick.length})` : 'No server is ill');
  say(byId('well-title'), `Healthy servers (${healthy.length})`);
  fold.hidden = healthy.length === 0;
  ill.show(sick);
  // What is folded costs nothing.
  well.show(fold.open ? healthy : []);
  showAxes();
  // What is measured before all is written is laid out twice.
  ill.draw();
  well.draw();
  const { minutes, hour } = last.dials;
  showDials(lanes.range > 120_000 ? hour : minutes, lanes.range);
}

function showAxes(): void {
  const span = lanes.now - lanes.from;
  const labels = [1, 0.75, 0.5, 0.25].map((part) => `−${formatSpan(span * part)}`);
  for (const axis of document.querySelectorAll<HTMLElement>('.axis'))
    fill(axis, [...labels, 'now'], (text) => [element('span', text)]);
}

function showLegend(): void {
  const items = [1, 2, 5, 3, 4].map((state) => {
    const item = element('span');
    const canvas = element('canvas');
    item.append(canvas, stateNames[state] ?? '');
    return { item, canvas, state };
  });
  byId('legend').replaceChildren(...items.map(({ item }) => item));
  for (const { canvas, state } of items) lanes.drawExample(canvas, state);
}

async function copy(): Promise<void> {
  const said = byId('copied');
  try {
    const text = await (await fetch('text')).text();
    await write(text);
    say(said, 'Copied');
  } catch {
    say(said, 'Not copied: the browser does not allow it');
  }
}

function write(text: string): Promise<void> {
  // Browsers have a clipboard only where the line cannot be tapped: over TLS, or on the same machine.
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = element('textarea', text, 'unseen');
  document.body.append(area);
  area.select();
  const isDone = document.execCommand('copy');
  area.remove();
  return isDone ? Promise.resolve() : Promise.reject(new Error('refused'));
}

function redraw(): void {
  lanes.readColours();
  showLegend();
  show();
}

for (const button of document.querySelectorAll<HTMLElement>('[data-range]')) {
  button.addEventListener('click', () => {
    lanes.range = Number(button.dataset['range']);
    for (const each of document.querySelectorAll('[data-range]'))
      each.setAttribute('aria-pressed', String(each === button));
    show();
  });
}
filter.addEventListener('input', show);
fold.addEventListener('toggle', show);
byId('copy').addEventListener('click', () => void copy());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
window.addEventListener('resize', redraw);

const events = new EventSource('events');
events.addEventListener('message', ({ data }: MessageEvent<string>) => take(JSON.parse(data) as Message));
// A browser tries again by itself.
events.addEventListener('error', () => {
  const lost = byId('lost');
  const since = last ? ` since ${clock(last.now)}` : '';
  if (lost.hidden) say(lost, `The program does not answer${since}. What follows is what it said last.`);
  lost.hidden = false;
});
showLegend();
