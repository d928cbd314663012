/**
 * How a life ends: by the server's FIN, or with it on the heels of the bytes; by its RST, likewise; or by what the program
 * calls, on its socket or its connection.
 */
export type Ending =
  | 'fin'
  | 'fin at once'
  | 'rst'
  | 'rst at once'
  | 'end'
  | 'destroySoon'
  | 'destroy'
  | 'resetAndDestroy'
  | 'reset'
  | 'disconnect';

/** What happens in one life. All that is sent in it, either way, says its number over and over. */
export interface Plan {
  readonly life: number;
  /** What the server sends at first. */
  readonly first: Buffer;
  /** What it sends then; may end inside a character. */
  readonly rest: Buffer;
  /** What it sends after the FIN of the program, if that comes. */
  readonly lastWords: Buffer;
  /** What the program writes. */
  readonly written: Buffer;
  readonly ending: Ending;
  /** Whether the program stops reading after the first bytes, and leaves the rest unread. */
  readonly isHeld: boolean;
  /** Whether the program ends the life as soon as it reads its first bytes, in the middle of that. */
  readonly isInside: boolean;
}

type Way = readonly [ending: Ending, isHeld: 'held' | 'read', isInside?: 'inside'];

const ways: readonly Way[] = [
  ['fin', 'read'],
  ['rst', 'held'],
  ['destroy', 'read'],
  ['fin at once', 'read'],
  ['end', 'read'],
  ['rst', 'read'],
  ['fin', 'held'],
  ['reset', 'held'],
  ['destroy', 'read', 'inside'],
  ['rst at once', 'read'],
  ['resetAndDestroy', 'held'],
  ['destroySoon', 'read'],
  ['destroy', 'held'],
  ['reset', 'read', 'inside'],
  ['resetAndDestroy', 'read', 'inside'],
  ['reset', 'read'],
  ['resetAndDestroy', 'read'],
];

const sizes: readonly (readonly [first: number, rest: number, written: number])[] = [
  [1, 1, 1],
  [1, 30, 40],
  [30, 8_000, 1],
  [500, 70_000, 3_000],
  [20_000, 1, 40],
  [2, 4, 100_000],
  [70_000, 150_000, 300],
  [1_000, 20_000, 1],
];

/** What happens in so many lives: every way to end, with every size; the last life ends by `disconnect()`. */
export function plansOf(lives: number): readonly Plan[] {
  const way = (life: number): Way =>
    life === lives ? ['disconnect', 'read'] : (ways[life % ways.length] as Way);
  return Array.from({ length: lives }, (_, index) => planOf(index + 1, way(index + 1)));
}

/** What happens in the only life of a program that disconnects while bytes are unread. */
export function heldPlan(): Plan {
  return planOf(1, ['disconnect', 'held']);
}

function planOf(life: number, [ending, held, inside]: Way): Plan {
  const isHeld = held === 'held';
  const [least, rest, written] = sizes[life % sizes.length] as (typeof sizes)[number];
  // Who is to do something at the first bytes must get some, in any encoding, and not much more.
  const first = isHeld || inside ? Math.min(Math.max(least, 3), 90) : least;
  const sent = text(`<life ${life} é€😀>`, first + rest);
  const half = Buffer.from('😀').subarray(0, life % 4);
  return {
    life,
    first: sent.subarray(0, first),
    rest: Buffer.concat([sent.subarray(first), half]),
    lastWords: text(`<last words of ${life}>`, 500),
    written: text(`<written in ${life}>`, written),
    ending,
    isHeld,
    isInside: inside === 'inside',
  };
}

function text(tag: string, size: number): Buffer {
  return Buffer.from(tag.repeat(Math.ceil(size / tag.length))).subarray(0, size);
}
