import { explained, say, type Finding } from '../findings.js';
import type { Part } from '../part.js';
import { measure, withServer } from '../processes.js';
import type { WatcherName } from '../programs/watchers.js';
import { interleave, spread, type Spread } from '../ratios.js';
import { valueTable, withRange, type Value } from '../report.js';

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
  'heartbeat of 5 000 ms': { watcher: 'sweep', interval: 5_000, hasTarget: true },
  'an interval for each, 5 000 ms': { watcher: 'intervals', interval: 5_000 },
} as const satisfies Record<string, Case>;

type CaseName = keyof typeof cases;
const names = Object.keys(cases) as CaseName[];

/** The CPU that looking at idle connections takes. */
export const sweep: Part = {
  title: 'Heartbeats of idle connections',
  rounds: 2,
  minutes: 6,
  quickRounds: 1,
  peers: [],
  async run(rounds) {
    const shares = await interleave(names, rounds, run);
    return [
      introduction,
      ...explained(valueTable(names.map((name) => toValue(name, spread(shares(name))))), why),
    ];
  },
};

const introduction: Finding = say(
  `CPU of the process with ${connections} idle connections (user and system), in per cent of a core, while nothing is read ` +
    'and no ping is due: the looks, their timers, and the process itself. An interval for each is what a program would ' +
    'write by hand; no peer has heartbeats.',
);

const why =
  'Ten thousand looks in each second cost what they cost: it is a tenth of what an interval for each connection costs.';

function toValue(name: CaseName, share: Spread): Value {
  const { hasTarget = false }: Case = cases[name];
  const value = withRange(share);
  return hasTarget ? { name, value, target: `< ${target}`, isMet: share.median < target } : { name, value };
}

/** With a server of its own: the next one does not see this one's thousands of connections being closed. */
function run(name: CaseName): Promise<number> {
  const { watcher, interval } = cases[name];
  return withServer(({ broadcast }) =>
    measure('sweep-client', [watcher, String(interval), String(connections), String(broadcast)]),
  );
}
