import { mean, quantile } from '../herd/statistics.js';
import { table } from '../herd/tables.js';
import type { Fleet, Move, Spread } from './simulate.js';

/** What was found for one size of the subsets. */
export interface Result {
  readonly size: number;
  readonly spread: Spread;
  readonly removals: readonly Move[];
  readonly additions: readonly Move[];
  readonly replacement: readonly Move[];
}

/** Connections per server. */
export function spreadTable(results: readonly Result[], { programs, servers }: Fleet): string {
  const mesh = programs.length * servers.length;
  const head = [
    'subset',
    'connections',
    'of a full mesh',
    'min',
    'p1',
    'median',
    'p99',
    'max',
    'rel. sd',
    'by chance',
  ];
  const rows = results.map(({ size, spread }) => [
    String(size),
    String(spread.connections),
    percent(spread.connections / mesh),
    ...[spread.min, spread.p1, spread.median, spread.p99, spread.max].map(String),
    percent(spread.deviation),
    percent(chance(size, programs.length, servers.length)),
  ]);
  return `Connections per server (a full mesh: ${mesh}, ${programs.length} per server)\n${table([head, ...rows])}`;
}

/** The relative deviation of a draw by lot: of each server by each program, with the same chance. */
function chance(size: number, programs: number, servers: number): number {
  return Math.sqrt((1 - size / servers) / (programs * (size / servers)));
}

/** What one change of the list opens: on average, and at most, with the most that one server is dialled. */
export function moveTable(
  title: string,
  results: readonly (readonly [size: number, moves: readonly Move[]])[],
): string {
  const head = ['subset', 'opened mean', 'p99', 'max', 'most at one server'];
  const rows = results.map(([size, moves]) => {
    const opened = Float64Array.from(moves, (move) => move.opened).toSorted();
    return [
      String(size),
      mean([...opened]).toFixed(1),
      String(quantile(opened, 0.99)),
      String(quantile(opened, 1)),
      String(Math.max(...moves.map(({ mostAtOne }) => mostAtOne))),
    ];
  });
  return `${title}\n${table([head, ...rows])}`;
}

/** What all steps of a replacement open together. */
export function totalTable(results: readonly Result[], { programs, servers }: Fleet): string {
  const head = ['subset', 'opened in all', 'per connection held', 'of a full mesh'];
  const rows = results.map(({ size, replacement }) => {
    const opened = replacement.reduce((sum, move) => sum + move.opened, 0);
    return [
      String(size),
      String(opened),
      (opened / (size * programs.length)).toFixed(2),
      percent(opened / (programs.length * servers.length)),
    ];
  });
  return `All ${servers.length} servers replaced: the sum of the steps\n${table([head, ...rows])}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
