import { type Fleet, type FleetMeasurement, gated, measureFleet, ungated } from './fleet.js';
import { ours } from './policies.js';
import { seededRandom } from './random.js';
import { percent, seconds, table } from './tables.js';

const fleet: Fleet = { programs: 1_000, connections: 100, outage: 60_000 };

const columns = [
  '',
  'dials per program',
  'worst 100 ms',
  'in the outage',
  'after return',
  'first back p50',
  'connections back p99',
  'first to last back',
  '',
];

/** What many programs with many connections each do to their server, with a gate and without; as lines of text. */
export function fleetTable(seed: number): string {
  const { programs, connections, outage } = fleet;
  const title = [
    `${programs} programs with ${connections} connections each lose one server at once, for ${outage / 1_000} s; seed ${seed}.`,
    'Shares are dials within 100 ms, in parts of all connections; in the outage: after its first second.',
  ].join('\n');
  const rows = Object.entries({ 'with the gate': gated, without: ungated }).map(([name, program]) =>
    row(name, measureFleet(program, ours(), fleet, seededRandom(seed))),
  );
  return `${title}\n\n${table([columns, ...rows])}`;
}

function row(name: string, measured: FleetMeasurement): string[] {
  return [
    name,
    measured.attemptsMean.toFixed(1),
    percent(measured.worstShare),
    percent(measured.shareInOutage),
    percent(measured.shareAfterReturn),
    seconds(measured.firstP50),
    seconds(measured.recoveryP99),
    `${measured.spreadP50.toFixed(0)} ms`,
    '',
  ];
}
