import { states } from '../kinds.js';
import type { LaneChange } from '../messages.js';
import { formatSpan } from '../span.js';

/** The names of the states, by number. */
export const stateNames: readonly string[] = [
  'no connections',
  'up',
  'partly up',
  'down',
  'no answer',
  'slow',
];
const colourNames = ['--none', '--up', '--part', '--down', '--silent', '--slow'] as const;
/** How high each state is drawn: what is worse is higher, so that no colour is needed to see it. */
const heights = [0.08, 0.3, 0.6, 1, 1, 0.45] as const;

/** How far back lanes go, in milliseconds. */
const longest = 3_600_000;

/** A part of a lane. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly state: number;
}

/** What is known of the states of servers, and how it is drawn. */
export class Lanes {
  readonly #changes = new Map<number, [at: number, state: number][]>();
  #last = -1;
  #colours: readonly string[] = [];
  /** How long the lanes are, in milliseconds. */
  range = 120_000;
  now = 0;
  startedAt = 0;

  constructor() {
    this.readColours();
  }

  /** The colours of the present scheme, light or dark. */
  readColours(): void {
    const style = getComputedStyle(document.documentElement);
    this.#colours = colourNames.map((name) => style.getPropertyValue(name));
  }

  clear(): void {
    this.#changes.clear();
    this.#last = -1;
  }

  add(changes: readonly LaneChange[]): void {
    for (const [number, at, server, state] of changes) {
      if (number <= this.#last) continue;
      this.#last = number;
      const list = this.#changes.get(server) ?? [];
      list.push([at, state]);
      while (list.length > 1 && (list[1] as [number, number])[0] < this.now - longest) list.shift();
      this.#changes.set(server, list);
    }
  }

  forget(server: number): void {
    this.#changes.delete(server);
  }

  /** When lanes begin: a short history fills them. */
  get from(): number {
    return Math.max(this.now - this.range, Math.min(this.startedAt, this.now - 5_000));
  }

  draw(canvas: HTMLCanvasElement, server: number): void {
    const parts = this.#parts(server);
    const { from, now } = this;
    paint(canvas, (context, width, height) => {
      const x = (at: number): number => ((at - from) / (now - from)) * width;
      for (const part of parts) this.#paintPart(context, x(part.from), x(part.to), height, part.state);
    });
    canvas.setAttribute('aria-label', describe(parts, now - from));
  }

  /** An example of a state, for the legend. */
  drawExample(canvas: HTMLCanvasElement, state: number): void {
    paint(canvas, (context, width, height) => this.#paintPart(context, 0, width, height, state));
  }

  #paintPart(
    context: CanvasRenderingContext2D,
    left: number,
    right: number,
    height: number,
    state: number,
  ): void {
    context.fillStyle = this.#colours[state] ?? '';
    const high = (heights[state] ?? 1) * height;
    // The slits of a server that flaps are to be seen, however short.
    const width = Math.max(right - left, 1);
    if (state !== states.silent) {
      context.fillRect(left, height - high, width, high);
      return;
    }
    context.fillRect(left, height * 0.75, width, height * 0.25);
    for (let tooth = Math.ceil(left / 6) * 6; tooth < left + width; tooth += 6) {
      context.fillRect(tooth, 0, Math.min(3, left + width - tooth), height);
    }
  }

  #parts(server: number): Part[] {
    const changes = this.#changes.get(server) ?? [];
    return changes
      .map(([at, state], index) => ({
        from: Math.max(at, this.from),
        to: changes[index + 1]?.[0] ?? this.now,
        state,
      }))
      .filter(({ from, to }) => to >= from);
  }
}

/** Draws with the pixels that the screen has. */
export function paint(
  canvas: HTMLCanvasElement,
  draw: (context: CanvasRenderingContext2D, width: number, height: number) => void,
): void {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const context = canvas.getContext('2d');
  if (!context || width === 0) return;
  const ratio = devicePixelRatio;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  // A new size is laid out again, before the next canvas can be measured.
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  draw(context, width, height);
}

function describe(parts: readonly Part[], span: number): string {
  const times = stateNames.map((_, state) =>
    parts.filter((part) => part.state === state).reduce((sum, { from, to }) => sum + to - from, 0),
  );
  const shares = stateNames
    .map((name, state) => [name, Math.round((100 * (times[state] as number)) / span)] as const)
    .filter(([, percent]) => percent > 0)
    .map(([name, percent]) => `${name} ${percent} %`);
  const losses = parts.filter(
    ({ state }, index) => isLost(state) && !isLost(parts[index - 1]?.state ?? state),
  ).length;
  const lost = losses > 0 ? `, lost ${losses === 1 ? 'once' : `${losses} times`}` : '';
  return `The last ${formatSpan(span)}: ${shares.join(', ') || 'nothing known'}${lost}`;
}

function isLost(state: number): boolean {
  return state === states.down || state === states.silent;
}
