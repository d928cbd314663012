import { explained, say, type Finding, type Table } from '../findings.js';
import type { KeeperName } from '../keepers/index.js';
import type { Part } from '../part.js';
import type { Up } from '../programs/restarts-client.js';
import { interleave, spread, type Spread } from '../ratios.js';
import { comparisonTable, valueTable, withRange, type Value } from '../report.js';
import { closing, type Closing } from '../scale/closing.js';
import { losing, type Stalls } from '../scale/losing.js';
import { heapsAfterRestarts, restarts, type Course } from '../scale/restarts.js';
import { slopeOf } from '../scale/slope.js';

const connections = 10_000;
const endpoints = 4;
/** connman's default for the dials in flight to one endpoint. */
const maxDialing = 256;
const longestReturn = 1_000;
const longestEnding = 100;
/** Milliseconds. */
const longestStall = 60;
/** How many restarts there are for each round. */
const restartsInRound = 4;
/** So many come first and leave behind what is made once: bytecode, tables that have grown. */
const settling = 4;
/** How many standard errors still are chance. */
const chance = 3;

const own = ['connman', 'connman, connect()'] as const satisfies KeeperName[];
const control = 'bare, end()' satisfies KeeperName;

/** Ten thousand connections in one process. */
export const scale: Part = {
  title: 'Ten thousand connections',
  rounds: 5,
  minutes: 20,
  quickRounds: 1,
  peers: [],
  async run(rounds) {
    const fleet = { connections, endpoints, restarts: rounds * restartsInRound };
    const course = await restarts(fleet);
    const heaps = await heapsAfterRestarts(fleet);
    const closings = await interleave([...own, control], rounds, (name) => closing(name, connections));
    const stalls = await interleave([...own, 'bare'], rounds, (name) => losing(name, connections));
    return [
      introduction(fleet.restarts),
      ...explained(restartTable(course), whyReturn),
      heapIntroduction(fleet.restarts),
      valueTable([heapOf(heaps, Math.min(settling, heaps.length - 3))]),
      closingIntroduction,
      ...explained(
        closingTable((name) => closings(name).map((each) => each.closing)),
        why,
      ),
      endingTable(own.flatMap(closings)),
      losingIntroduction,
      ...explained(lossTable(stalls), whyStall),
      ...explained(returnTable(stalls), whyBack),
    ];
  },
};

function introduction(count: number): Finding {
  return say(
    `${connections} connections of one pool in one process, to ${endpoints} servers that are all killed (SIGKILL) and started again ` +
      `${count} times, each time when the connections had been up for some seconds. Times are in ms, from the first connection ` +
      'that is back to the last one, as the process sees it that has them. The target is for each endpoint: connections to one ' +
      'endpoint share a wait and a probe, and come back together. Endpoints know nothing of each other: each draws a wait of its ' +
      'own, so that the servers are not all dialled at once, and the time over all of them has no target.',
  );
}

function restartTable({ opening, returns }: Course): Table {
  return valueTable([
    returnOf(returns),
    { name: 'first back to last, over all endpoints', value: rangeOf(returns, (up) => up.spread) },
    dialsOf([opening, ...returns]),
    { name: 'dials until all are back', value: rangeOf(returns, ({ dials }) => dials) },
    descriptorsOf(returns),
  ]);
}

function rangeOf(returns: readonly Up[], of: (up: Up) => number): string {
  return withRange(spread(returns.map(of)), 0);
}

function returnOf(returns: readonly Up[]): Value {
  const longest = Math.max(...returns.map((up) => up.endpointSpread));
  return {
    name: 'first back to last at an endpoint, the longest of them',
    value: rangeOf(returns, (up) => up.endpointSpread),
    target: `<= ${longestReturn}, each time`,
    isMet: longest <= longestReturn,
  };
}

function dialsOf(ups: readonly Up[]): Value {
  const most = Math.max(...ups.map(({ peak }) => peak));
  return {
    name: 'dials in flight to one endpoint, at the most',
    value: String(most),
    target: `<= ${maxDialing}`,
    isMet: most <= maxDialing,
  };
}

function descriptorsOf(returns: readonly Up[]): Value {
  const name = 'open file descriptors when all are back';
  const counts = returns.flatMap(({ descriptors }) => descriptors ?? []);
  if (counts.length === 0) return { name, value: 'not told by this system' };
  const { min, max } = spread(counts);
  return { name, value: withRange(spread(counts), 0), target: 'all the same', isMet: min === max };
}

function heapIntroduction(count: number): Finding {
  return say(
    `The heap in use after each of ${count} more restarts, in a program of its own that compiles no machine code, which would be ` +
      'counted as well. Each of its connections has been lost by an error before: few dials fail at a restart, and Node.js ' +
      'makes room for an error in a socket that has its first.',
  );
}

function heapOf(heaps: readonly number[], from: number): Value {
  const { perStep, error } = slopeOf(heaps.slice(from).map((heap) => heap / connections));
  return {
    name: `heap per connection and restart, after the first ${from}`,
    value: `${perStep.toFixed(3)} B ± ${error.toFixed(3)}`,
    target: `<= ${chance} × its error`,
    isMet: perStep <= chance * error,
  };
}

const whyReturn =
  'The longest of all returns counts, and the four servers start on the same CPU, in the same second: in some of them one server ' +
  'is given less of it than the others.';

const closingIntroduction: Finding = say(
  `Closing ${connections} connections to one server, from the call of \`disconnectAll()\` until it has resolved. _bare_ does the ` +
    "same thing by hand: it ends each of its sockets and waits for the 'close' of all.",
);

const why =
  'connman tells of the end of each life and of each connection, and lets what was written go out; a bare socket calls nothing of the kind.';

function closingTable(times: (name: ClosedName) => readonly number[]): Table {
  const comparisons = own.map((name) => ({
    name,
    subject: times(name),
    control: times(control),
    target: 1.3,
  }));
  return comparisonTable('ms', 0, comparisons);
}

const losingIntroduction: Finding = say(
  `The longest stall of the event loop while ${connections} connections lose their one server (SIGKILL), and while they come back to ` +
    'another that listens in its place. _bare_ is `bench/bare.ts`, whose sockets each dial again after a time of their own.',
);

const whyStall =
  'Node.js hands over all connections that the system has closed in the same turn. What connman does at a loss is done in later turns; ' +
  'what stays is the timer that bounds how long an ended socket may take, and each socket has one more listener.';

const whyBack =
  'At most 64 dials begin in a turn; what is longer is a collection of garbage, or the machine.';

type StallsOf = (name: (typeof own)[number] | 'bare') => readonly Stalls[];

function lossTable(stalls: StallsOf): Table {
  const lost = (name: (typeof own)[number] | 'bare'): readonly number[] =>
    stalls(name).map((each) => each.lost);
  return comparisonTable(
    'ms',
    0,
    own.map((name) => ({
      name: `lost: ${name}`,
      subject: lost(name),
      control: lost('bare'),
      target: 1.25,
    })),
  );
}

function returnTable(stalls: StallsOf): Table {
  const back = (name: (typeof own)[number] | 'bare'): Spread => spread(stalls(name).map((each) => each.back));
  const ofOwn = own.map((name) => ({
    name: `back: ${name}, ms`,
    value: withRange(back(name), 0),
    target: `<= ${longestStall}, each time`,
    isMet: back(name).max <= longestStall,
  }));
  return valueTable([...ofOwn, { name: 'back: bare, ms', value: withRange(back('bare'), 0) }]);
}

type ClosedName = (typeof own)[number] | typeof control;

function endingTable(closings: readonly Closing[]): Table {
  const times = spread(closings.map(({ ending }) => ending));
  return valueTable([
    {
      name: 'from then to the end of the process, ms',
      value: withRange(times, 0),
      target: `<= ${longestEnding}, each time`,
      isMet: times.max <= longestEnding,
    },
  ]);
}
