import { measure, withServer } from '../processes.js';
import type { WatcherName } from '../programs/watchers.js';
import { interleave, spread, type Spread } from '../ratios.js';
import { printValues, type Value } from '../report.js';

const connections = 10_000;
/** Per cent of a core. */
const target = 1;

interface Case {
  readonly watcher: WatcherName;
  /** The interval of the heartbeat, and its timeout. */
  readonly interval: number;
  readonly hasTarget?: boolean;
}

const cases = {
  'no heartbeat': { watcher: 'none', interval: 1_000 },
  'heartbeat of 1 000 ms': { watcher: 'sweep', interval: 1_000, hasTarget: true },
  'an interval for each, 1 000 ms': { watcher: 'intervals', interval: 1_000 },
  'heartbeat of 2 000 ms': { watcher: 'sweep', interval: 2_000, hasTarget: true },
  'an interval for each, 2 000 ms': { watcher: 'intervals', interval: 2_000 },
  'heartbeat of 5 000 ms': { watcher: 'sweep', interval: 5_000, hasTarget: true },
  'an interval for each, 5 000 ms': { watcher: 'intervals', interval: 5_000 },
} as const satisfies Record<string, Case>;

type CaseName = keyof typeof cases;
const names = Object.keys(cases) as CaseName[];

/** CPU that looking at idle connections takes; says whether all targets are met. */
export async function sweep(rounds: number): Promise<boolean> {
  console.log(
    `CPU of the client process (user and system) with ${connections} idle connections, ${rounds} rounds`,
  );
  console.log('While nothing is read and no ping is due: the looks, their timers, and the process itself');
  const shares = await interleave(names, rounds, run);
  return printValues(names.map((name) => toValue(name, spread(shares(name)))));
}

function toValue(name: CaseName, { median, min, max }: Spread): Value {
  const value = `${median.toFixed(2)} % of a core (${min.toFixed(2)}–${max.toFixed(2)})`;
  const { hasTarget = false }: Case = cases[name];
  return hasTarget ? { name, value, target: `< ${target} %`, isMet: median < target } : { name, value };
}

/** With a server of its own: the next one does not see this one's thousands of connections being closed. */
function run(name: CaseName): Promise<number> {
  const { watcher, interval } = cases[name];
  return withServer(({ broadcast }) =>
    measure('sweep-client', [watcher, String(interval), String(connections), String(broadcast)]),
  );
}
