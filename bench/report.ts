import { table, type Table } from './findings.js';
import { noiseFloor, pairRatios, spread, type Spread } from './ratios.js';

/** A comparison with the control, round by round. */
export interface Comparison {
  readonly name: string;
  readonly subject: readonly number[];
  readonly control: readonly number[];
  /** The highest ratio that is good enough, if it matters. */
  readonly target?: number | undefined;
}

/** A comparison of rates, round by round: the higher the better. */
export interface Gain {
  readonly name: string;
  readonly subject: readonly number[];
  readonly control: readonly number[];
  /** The lowest ratio that is good enough, if it matters. */
  readonly target?: number;
}

/** The rates of several subjects, in the order of their names. */
export interface Rates {
  readonly name: string;
  readonly rates: readonly (readonly number[])[];
}

/** A value that is good enough up to its target, if it has one. */
export interface Value {
  readonly name: string;
  readonly value: string;
  readonly target?: string;
  readonly isMet?: boolean;
}

/** A table of comparisons with the control. */
export function comparisonTable(
  unit: string,
  digits: number,
  comparisons: readonly Comparison[],
  ratioDigits: number = 2,
): Table {
  const rows = comparisons.map(({ name, subject, control, target }) => {
    const ratio = pairRatios(subject, control);
    return [
      name,
      spread(subject).median.toFixed(digits),
      spread(control).median.toFixed(digits),
      withRange(ratio, ratioDigits),
      withRange(noiseFloor(control), ratioDigits),
      ...(target === undefined ? ['', ''] : [`<= ${target.toFixed(2)}`, verdict(ratio.median <= target)]),
    ];
  });
  return table(
    ['', unit, `bare, ${unit}`, 'ratio', 'bare / bare', 'target', ''],
    rows,
    comparisons.every(
      ({ subject, control, target = Infinity }) => !(pairRatios(subject, control).median > target),
    ),
  );
}

/** A table of rates, in thousands: a column for each of `subjects`. */
export function rateTable(subjects: readonly string[], rows: readonly Rates[]): Table {
  const cell = (rates: readonly number[]): string =>
    rates.length === 0 ? '' : withRange(spread(rates.map((rate) => rate / 1_000)), 0);
  return table(
    ['', ...subjects],
    rows.map(({ name, rates }) => [name, ...rates.map(cell)]),
  );
}

/** A table of ratios of rates. */
export function gainTable(gains: readonly Gain[]): Table {
  const rows = gains.map(({ name, subject, control, target }) => {
    const ratio = pairRatios(subject, control);
    const cells = [name, withRange(ratio), withRange(noiseFloor(control))];
    return target === undefined
      ? [...cells, '', '']
      : [...cells, `>= ${target.toFixed(2)}`, verdict(ratio.median >= target)];
  });
  return table(
    ['', 'ratio', 'peer / peer', 'target', ''],
    rows,
    gains.every(({ subject, control, target = 0 }) => pairRatios(subject, control).median >= target),
  );
}

/** A table of values and their targets. */
export function valueTable(values: readonly Value[]): Table {
  const rows = values.map(({ name, value, target = '', isMet }) => [
    name,
    value,
    target,
    isMet === undefined ? '' : verdict(isMet),
  ]);
  return table(
    ['', 'measured', 'target', ''],
    rows,
    values.every(({ isMet }) => isMet !== false),
  );
}

/** A row of a table: what it is about, and its cells. */
export function row(name: string, cells: readonly string[]): readonly string[] {
  return [name, ...cells];
}

/** The middle of some numbers, with the least and the greatest where there are several. */
export function withRange({ median, min, max }: Spread, digits: number = 2): string {
  const shown = (value: number): string => (value === Infinity ? 'never' : grouped(value.toFixed(digits)));
  // Of one round there is nothing to compare with.
  if (Number.isNaN(median)) return '';
  if (min === max) return shown(median);
  return `${shown(median)} (${shown(min)}–${shown(max)})`;
}

/** Thousands apart from hundreds, from 10 000 on. */
function grouped(digits: string): string {
  return /^\d{5}/.test(digits) ? digits.replaceAll(/\B(?=(?:\d{3})+(?!\d))(?<!\.\d*)/g, ' ') : digits;
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'missed';
}
