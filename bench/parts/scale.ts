import { closing, opening } from '../scale/closing.js';
import { restarts } from '../scale/restarts.js';
import { slopeOf } from '../scale/slope.js';
import type { Up } from '../programs/restart-messages.js';
import { interleave, spread, type Spread } from '../ratios.js';
import { printComparisons, printValues, type Value } from '../report.js';

const connections = 10_000;
const opened = 5_000;
const endpoints = 4;
const maxDialing = 256;
/** How many restarts there are for each round. */
const restartsInRound = 4;
/** So many come first and leave behind what is made once: compiled code, tables that have grown. */
const settling = 4;
/** How many standard errors still are chance. */
const chance = 3;

/** Ten thousand connections in one process; says whether all targets are met. */
export async function scale(rounds: number): Promise<boolean> {
  const verdicts = [
    await afterRestarts(rounds * restartsInRound),
    await whileOpening(rounds),
    await whileClosing(rounds),
  ];
  return verdicts.every(Boolean);
}

async function afterRestarts(count: number): Promise<boolean> {
  console.log(
    `${connections} connections in a pool, ${endpoints} servers, all killed and started again ${count} times`,
  );
  const { opening: first, returns } = await restarts(connections, endpoints, count);
  return printValues([
    timesOf('first connection back to last', returns, ({ spread: time }) => time, 1_000),
    timesOf('the same, at one endpoint', returns, ({ endpointSpread }) => endpointSpread),
    countsOf('dials in flight to one endpoint, at most', [first, ...returns]),
    timesOf('dials until all are back', returns, ({ dials }) => dials),
    descriptorsOf(returns),
    heapOf(returns, Math.min(settling, count - 3)),
  ]);
}

function timesOf(name: string, returns: readonly Up[], of: (up: Up) => number, target?: number): Value {
  const { median, max } = spread(returns.map(of));
  const value = `median ${median.toFixed(0)}, max ${max.toFixed(0)}`;
  if (target === undefined) return { name, value };
  return { name: `${name}, ms`, value, target: `max <= ${target}`, isMet: max <= target };
}

function countsOf(name: string, ups: readonly Up[]): Value {
  const most = Math.max(...ups.map(({ peak }) => peak));
  return { name, value: String(most), target: `<= ${maxDialing}`, isMet: most <= maxDialing };
}

function descriptorsOf(returns: readonly Up[]): Value {
  const name = 'open file descriptors when all are back';
  const counts = returns.flatMap(({ descriptors }) => descriptors ?? []);
  if (counts.length === 0) return { name, value: 'not told by this system' };
  const { min, max } = spread(counts);
  return { name, value: `${min} to ${max}`, target: 'all the same', isMet: min === max };
}

function heapOf(returns: readonly Up[], from: number): Value {
  const { perStep, error } = slopeOf(returns.slice(from).map(({ heap }) => heap / connections));
  return {
    name: `heap per connection and restart, after the first ${from}`,
    value: `${perStep.toFixed(2)} B ± ${error.toFixed(2)}`,
    target: `<= ${chance} errors`,
    isMet: perStep <= chance * error,
  };
}

async function whileOpening(rounds: number): Promise<boolean> {
  console.log(`Opening ${opened} connections to one server, ${rounds} rounds`);
  const times = await interleave(['addConnection', 'bare', 'connect'], rounds, (subject) =>
    opening(subject, opened),
  );
  return printComparisons('ms', 0, [
    { name: 'connect()', subject: times('connect'), control: times('bare'), target: 1.15 },
    { name: 'pool.addConnection()', subject: times('addConnection'), control: times('bare'), target: 1.15 },
  ]);
}

async function whileClosing(rounds: number): Promise<boolean> {
  console.log(
    `disconnectAll() of ${connections} connections to one server, beside end() of bare ones, ${rounds} rounds`,
  );
  const endings: number[] = [];
  const times = await interleave(['addConnection', 'bare', 'connect'], rounds, async (subject) => {
    const { closing: time, ending } = await closing(subject, connections);
    if (subject !== 'bare') endings.push(ending);
    return time;
  });
  const isMet = printComparisons('ms', 0, [
    { name: 'connect()', subject: times('connect'), control: times('bare'), target: 1 },
    { name: 'pool.addConnection()', subject: times('addConnection'), control: times('bare'), target: 1 },
  ]);
  return printValues([endingOf(spread(endings))]) && isMet;
}

function endingOf({ median, max }: Spread): Value {
  return {
    name: 'from then to the end of the process, ms',
    value: `median ${median.toFixed(0)}, max ${max.toFixed(0)}`,
    target: 'max <= 100',
    isMet: max <= 100,
  };
}
