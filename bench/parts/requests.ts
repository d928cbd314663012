import { say, type Finding } from '../findings.js';
import type { Part } from '../part.js';
import { measure, withServer } from '../processes.js';
import type { AskerName } from '../programs/askers.js';
import { interleave, spread } from '../ratios.js';
import { gainTable, rateTable, valueTable, type Gain, type Value } from '../report.js';

const rateTarget = 1_000_000;
const ratioTarget = 0.6;
/** In bytes. */
const memoryTarget = 400;

/** Each way to match answers, with who has it: connman, and what is written by hand. */
const ways = {
  'in order': ['connman', 'by hand'],
  'by key': ['connman, by key', 'by hand, by key'],
} as const satisfies Record<string, readonly [AskerName, AskerName]>;

const names = Object.values(ways).flat();

/** What it costs to match answers to requests. */
export const requests: Part = {
  title: 'Requests',
  rounds: 5,
  minutes: 5,
  quickRounds: 1,
  peers: [],
  async run(rounds) {
    const rates = await interleave(names, rounds, (name) => run('rate', name));
    const heaps = await interleave(names, rounds, (name) => run('memory', name, ['--expose-gc']));
    const rows = Object.entries(ways).map(([name, pair]) => ({ name, rates: pair.map(rates) }));
    const gains = Object.entries(ways).map(([name, [subject, control]]): Gain => ({
      name: `${name}: connman / by hand`,
      subject: rates(subject),
      control: rates(control),
      target: ratioTarget,
    }));
    const [inOrder] = ways['in order'];
    const values = [
      atLeast(rateTarget, 'requests in order per second of CPU', rates(inOrder)),
      ...names.map((name) => heapValue(name, heaps(name))),
    ];
    return [introduction, rateTable(['connman', 'by hand'], rows), gainTable(gains), valueTable(values)];
  },
};

const introduction: Finding = say(
  'Requests of 6 B, in thousands per second of CPU, 1 000 under way at a time, their writes corked. Both go over a connection ' +
    'of connman. _By hand_ is an array, or a `Map`, of promises: without timeouts, limit or signals. The answers are not ' +
    'parsed: both are told that one has come.',
);

function atLeast(least: number, name: string, measured: readonly number[]): Value {
  const { median } = spread(measured);
  return { name, value: median.toFixed(0), target: `>= ${least}`, isMet: median >= least };
}

function heapValue(name: AskerName, measured: readonly number[]): Value {
  const { median } = spread(measured);
  const value = { name: `${name}: heap of a pending request, B`, value: median.toFixed(0) };
  if (name.startsWith('by hand')) return value;
  return { ...value, target: `<= ${memoryTarget}`, isMet: median <= memoryTarget };
}

function run(what: 'rate' | 'memory', name: AskerName, flags: readonly string[] = []): Promise<number> {
  return withServer(({ sink }) => measure('requests-client', [what, name, String(sink)], flags));
}
