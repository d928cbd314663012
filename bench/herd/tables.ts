import { lateOutages } from './lateness.js';
import { dominates } from './pareto.js';
import { type OutageName, outages, type Result } from './run.js';
import { isMet, type Target } from './targets.js';

const columns = [
  'policy',
  'attempts mean',
  'max',
  'worst 100 ms',
  'after return',
  'recovery p50',
  'p99',
  'dominated by',
];

/** The table of one outage, as lines of text. */
export function outageTable(results: readonly Result[], outage: OutageName): string {
  const rows = results.map((result) => {
    const measured = result[outage];
    const dominating = results.filter((rival) => dominates(rival[outage], measured));
    return [
      result.policy,
      measured.attemptsMean.toFixed(1),
      String(measured.attemptsMax),
      percent(measured.worstShare),
      percent(measured.worstShareAfterReturn),
      seconds(measured.recoveryP50),
      seconds(measured.recoveryP99),
      dominating.map(({ policy }) => policy).join(', ') || '– (Pareto front)',
    ];
  });
  return `The server is back after ${outages[outage] / 1_000} s\n${table([columns, ...rows])}`;
}

/** What a blip costs, per policy. */
export function blipTable(results: readonly Result[]): string {
  const rows = results.map(({ policy, blip }) => [policy, `${blip.toFixed(0)} ms`]);
  return `The server is back at once\n${table([['policy', 'median cost'], ...rows])}`;
}

/** How late programs are back, per policy. */
export function latenessTable(results: readonly Result[]): string {
  const rows = results.map(({ policy, lateness }) => [
    policy,
    ...lateness.flatMap(({ median, worst }) => [median.toFixed(2), worst.toFixed(2)]),
    '',
  ]);
  const head = lateOutages.flatMap((outage) => [`${outage / 1_000} s, median`, 'worst']);
  const title = 'How late a program is back: the time since the return, in parts of the outage';
  return `${title}\n${table([['policy', ...head, ''], ...rows])}`;
}

/** One line per target: "target … measured … met". */
export function targetLines(targets: readonly Target[]): string {
  return targets
    .map((target) => {
      const { what, limit, measured, unit } = target;
      const amount = (value: number): string => `${Number(value.toFixed(2))}${unit && ` ${unit}`}`;
      return `target ${what} <= ${amount(limit)}: measured ${amount(measured)}: ${isMet(target) ? 'met' : 'missed'}`;
    })
    .join('\n');
}

/** Lines of columns of equal width; the first and the last column start at the left, the others end at the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === row.length - 1 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/** A share, as per cent. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** Milliseconds, as seconds. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}
