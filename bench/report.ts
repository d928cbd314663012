import { noiseFloor, pairRatios, spread, type Spread } from './ratios.js';

/** A comparison with the control, round by round. */
export interface Comparison {
  readonly name: string;
  readonly subject: readonly number[];
  readonly control: readonly number[];
  /** The highest ratio that is good enough. */
  readonly target: number;
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

/** Prints comparisons as a table; says whether all targets are met. */
export function printComparisons(unit: string, digits: number, comparisons: readonly Comparison[]): boolean {
  const rows = comparisons.map(({ name, subject, control, target }) => {
    const ratio = pairRatios(subject, control);
    return [
      name,
      spread(subject).median.toFixed(digits),
      spread(control).median.toFixed(digits),
      withRange(ratio),
      withRange(noiseFloor(control)),
      `<= ${target.toFixed(2)}`,
      verdict(ratio.median <= target),
    ];
  });
  printTable(['', `connman, ${unit}`, `bare, ${unit}`, 'ratio', 'bare / bare', 'target', ''], rows);
  return comparisons.every(({ subject, control, target }) => pairRatios(subject, control).median <= target);
}

/** Prints rates as a table, in thousands: a column for each of `subjects`. */
export function printRates(subjects: readonly string[], rows: readonly Rates[]): void {
  const cell = (rates: readonly number[]): string =>
    rates.length === 0 ? '' : withRange(spread(rates.map((rate) => rate / 1_000)), 0);
  printTable(
    ['', ...subjects],
    rows.map(({ name, rates }) => [name, ...rates.map(cell)]),
  );
}

/** Prints ratios of rates as a table; says whether all targets are met. */
export function printGains(gains: readonly Gain[]): boolean {
  const rows = gains.map(({ name, subject, control, target }) => {
    const ratio = pairRatios(subject, control);
    const cells = [name, withRange(ratio), withRange(noiseFloor(control))];
    return target === undefined
      ? [...cells, '', '']
      : [...cells, `>= ${target.toFixed(2)}`, verdict(ratio.median >= target)];
  });
  printTable(['', 'ratio', 'peer / peer', 'target', ''], rows);
  return gains.every(({ subject, control, target = 0 }) => pairRatios(subject, control).median >= target);
}

/** Prints values as a table; says whether all targets are met. */
export function printValues(values: readonly Value[]): boolean {
  const rows = values.map(({ name, value, target = '', isMet }) => [
    name,
    value,
    target,
    isMet === undefined ? '' : verdict(isMet),
  ]);
  printTable(['', 'measured', 'target', ''], rows);
  return values.every(({ isMet }) => isMet !== false);
}

function withRange({ median, min, max }: Spread, digits: number = 2): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'missed';
}

function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   ')
      .trimEnd();
  console.log(line(head));
  for (const row of rows) console.log(line(row));
  console.log();
}
