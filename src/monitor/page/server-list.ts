import type { Row, Tone } from '../messages.js';
import { formatSpan } from '../span.js';
import { byId, element, say } from './elements.js';
import type { Lanes } from './lanes.js';

/** How many rows are shown at first, and how many more each time that is asked for. */
const step = 50;

/** A row of the page. */
interface Item {
  readonly root: HTMLLIElement;
  readonly name: HTMLElement;
  readonly kind: HTMLElement;
  readonly facts: HTMLElement;
  readonly canvas: HTMLCanvasElement;
}

/** A list of servers, with a lane for each. */
export class ServerList {
  readonly #list: HTMLElement;
  readonly #more: HTMLButtonElement;
  readonly #lanes: Lanes;
  readonly #items = new Map<number, Item>();
  /** Those that can be seen: only their lanes are drawn. */
  readonly #seen = new Set<Element>();
  readonly #observer: IntersectionObserver;
  #rows: readonly Row[] = [];
  #most = step;

  constructor(list: string, more: string, lanes: Lanes) {
    this.#list = byId(list);
    this.#more = byId(more) as HTMLButtonElement;
    this.#lanes = lanes;
    this.#observer = new IntersectionObserver((entries) => this.#look(entries));
    this.#more.addEventListener('click', () => {
      this.#most += 4 * step;
      this.show(this.#rows);
    });
  }

  /** Shows these servers, in this order; their lanes are drawn by {@link draw}, once all is written. */
  show(rows: readonly Row[]): void {
    this.#rows = rows;
    const shown = rows.slice(0, this.#most);
    const kept = new Set(shown.map(({ index }) => index));
    for (const [index, item] of this.#items) if (!kept.has(index)) this.#drop(index, item);
    let place = this.#list.firstElementChild;
    for (const row of shown) {
      const { root } = this.#write(row);
      if (root === place) place = place.nextElementSibling;
      else this.#list.insertBefore(root, place);
    }
    const left = rows.length - shown.length;
    this.#more.hidden = left === 0;
    say(this.#more, `Show ${Math.min(left, 4 * step)} of ${left} more`);
  }

  draw(): void {
    for (const [index, { root, canvas }] of this.#items) {
      if (this.#seen.has(root)) this.#lanes.draw(canvas, index);
    }
  }

  #write(row: Row): Item {
    const item = this.#items.get(row.index) ?? this.#make(row);
    const { kind, reason, since, ready, size, pool } = row;
    item.root.className = toneOf(row);
    say(item.name, row.name);
    say(item.kind, since === undefined ? kind : `${kind} for ${formatSpan(this.#lanes.now - since)}`);
    const where = pool === undefined ? '' : ` · pool ${pool}`;
    say(item.facts, `${reason && ` · ${reason}`} · ${ready} of ${size} ready${where}`);
    return item;
  }

  #make({ index }: Row): Item {
    const root = element('li');
    const name = element('span', '', 'name');
    const facts = element('span', '', 'row-facts');
    const kind = element('span', '', 'kind');
    const rest = element('span', '', 'quiet');
    const canvas = element('canvas');
    canvas.setAttribute('role', 'img');
    facts.append(kind, rest);
    root.append(name, facts, canvas);
    const item = { root, name, kind, facts: rest, canvas };
    this.#items.set(index, item);
    this.#observer.observe(root);
    return item;
  }

  #drop(index: number, { root }: Item): void {
    this.#observer.unobserve(root);
    this.#seen.delete(root);
    this.#items.delete(index);
    root.remove();
  }

  #look(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.#seen.add(target);
      else this.#seen.delete(target);
    }
    this.draw();
  }
}

/** How bad it is for a server. */
export function toneOf({ kind }: Row): Tone | '' {
  if (kind === 'up') return 'well';
  if (kind === 'degraded' || kind === 'slow') return 'warning';
  return kind === 'new' || kind === 'left' || kind === 'gone' ? '' : 'ill';
}
