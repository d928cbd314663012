import { explained, say, table, type Finding, type Table } from '../findings.js';
import { contestants, peers, type KeeperName } from '../keepers/index.js';
import { dialPlot, upPlot, type Drawn } from '../outage/plots.js';
import { sufferOutage } from '../outage/run.js';
import { middle, summarise, type Outage, type Return } from '../outage/statistics.js';
import type { Part } from '../part.js';
import { interleave, noiseFloor, pairRatios, spread } from '../ratios.js';
import { row, valueTable, withRange, type Value } from '../report.js';

const connections = 200;
const outage = 3_000;
const patience = 15_000;
const names: readonly KeeperName[] = contestants.toSpliced(1, 0, 'connman, max 1 000');
/** Loses its connections, and that is all. */
const lostForGood: KeeperName = 'bare, no retry';
/** As long as connman wants a life to be before it counts as stable: an outage seldom meets connections that are new. */
const stable = 5_200;
const settled = 200;
const uptimes: Partial<Record<KeeperName, number>> = { connman: stable, 'connman, max 1 000': stable };

type Rounds = (name: KeeperName) => readonly Return[];

/** How soon connections are back after an outage, and what the outage costs. */
export const recovery: Part = {
  title: 'Recovery',
  rounds: 7,
  minutes: 15,
  quickRounds: 1,
  peers,
  async run(rounds) {
    const outages = await interleave([...names, lostForGood], rounds, suffer);
    const returns: Rounds = (name) => outages(name).map((each) => summarise(each, connections));
    const drawn = names.flatMap((contestant) => typical(contestant, outages(contestant)));
    return [
      ...introduction,
      upPlot(drawn, connections),
      dialPlot(drawn),
      results(returns),
      ...explained(targets(returns), why),
    ];
  },
};

const introduction: readonly Finding[] = [
  say(
    `${connections} connections to one server, which is killed (SIGKILL) and listens again ${outage / 1_000} s later. Dials and ` +
      "CPU (user and system, of the process that dials) are those of the outage, from the kill to the return, without V8's " +
      'tidying up of idle processes (`--no-memory-reducer`); most of the CPU ' +
      'of who dials little is spent in the first half second, on the sockets that are lost. The times ' +
      `begin at the return, as the server sees it. "never": not within ${patience / 1_000} s.`,
  ),
  say(
    '_connman_ is `createPool()` and `addConnection()` with the defaults; _connman, max 1 000_ the same with ' +
      '`backoff: { initial: 20, max: 1_000 }`; _bare_ is `bench/bare.ts`, 300 ms that double up to 10 s; ' +
      '_bare, no retry_ loses its sockets and never dials again: the CPU is what Node.js itself takes; ' +
      '_connman-2_ and _reconnect-net_ have their defaults; _cueball_ has the `recovery` of its documentation. The others ' +
      'are pools of anything: they open a connection when somebody asks, and do not notice when one is lost. Each of ' +
      `their ${connections} is borrowed for good; who loses one gives it back at once (\`destroy()\`, with _tarn_ a ` +
      '`validate` that refuses it) and asks for another. _lightning-pool_ has `acquireMaxRetries: Infinity`, without which it gives up at once. ' +
      'The plots show the round in the middle.',
  ),
];

const why =
  'Some of the CPU of the outage is what Node.js takes to lose the sockets (_bare, no retry_). The rest tells each connection of its ' +
  'loss and of each failed dial, so that its handler, `maxAttempts` and fail-over know. From the first to the last, the window opens ' +
  'in steps, each as long as the machine takes for the dials of the one before.';

function suffer(keeper: KeeperName): Promise<Outage> {
  const uptime = uptimes[keeper] ?? settled;
  return sufferOutage({
    keeper,
    connections,
    outage,
    uptime,
    patience: keeper === lostForGood ? 0 : patience,
  });
}

function typical(contestant: KeeperName, outages: readonly Outage[]): Drawn[] {
  const drawn = middle(outages, (each) => summarise(each, connections).all);
  return drawn ? [{ contestant, outage: drawn }] : [];
}

function results(returns: Rounds): Table {
  const cells = (name: KeeperName): string[] => {
    const all = returns(name);
    const cell = (of: (each: Return) => number): string => withRange(spread(all.map(of)), 0);
    return [
      cell(({ dials }) => dials),
      cell(({ cpu }) => cpu),
      withRange(name === 'bare' ? noiseFloor(cpuOf(returns, name)) : besideBare(returns, name)),
      cell(({ cpuDown }) => cpuDown),
      cell(({ first }) => first),
      cell(({ spread: apart }) => apart),
      cell(({ all: last }) => last),
    ];
  };
  return table(
    [
      '',
      'dials',
      'CPU, ms',
      'CPU / bare',
      'from 0.5 s on, ms',
      'first back, ms',
      'first to last, ms',
      'all back, ms',
    ],
    [...names, lostForGood].map((name) => row(name, cells(name))),
  );
}

function cpuOf(returns: Rounds, name: KeeperName): readonly number[] {
  return returns(name).map(({ cpu }) => cpu);
}

function besideBare(returns: Rounds, name: KeeperName): ReturnType<typeof pairRatios> {
  return pairRatios(cpuOf(returns, name), cpuOf(returns, 'bare'));
}

function targets(returns: Rounds): Table {
  const own = returns('connman');
  const dials = Math.max(...own.map((each) => each.dials));
  const apart = Math.max(...own.map((each) => each.spread));
  const first = spread(own.map((each) => each.first / outage));
  const quick = Math.max(...returns('connman, max 1 000').map((each) => each.all));
  return valueTable([
    atMost('dials in the outage, at the most', dials, 12),
    cpuTarget('CPU', returns, ({ cpu }) => cpu),
    cpuTarget('CPU from 0.5 s on', returns, ({ cpuDown }) => cpuDown),
    atMost('first to last, at the most', apart, 60, 'ms'),
    atMost('first back, parts of the outage', first.median, 0.3),
    atMost('first back, parts of the outage, at the most', first.max, 0.55),
    atMost('max 1 000: all back, at the most', quick, 1_050, 'ms'),
  ]);
}

function cpuTarget(name: string, returns: Rounds, of: (each: Return) => number): Value {
  const best = returns('connman').map((_, round) =>
    Math.min(...peers.flatMap((peer) => returns(peer)[round] ?? []).map(of)),
  );
  const ratio = pairRatios(returns('connman').map(of), best);
  return {
    name: `${name} / that of the peer with the least`,
    value: withRange(ratio),
    target: '<= 0.25',
    isMet: ratio.median <= 0.25,
  };
}

function atMost(name: string, value: number, limit: number, unit: string = ''): Value {
  const shown = (number: number): string =>
    `${Number.isInteger(number) ? number : number.toFixed(number < 10 ? 2 : 0)} ${unit}`.trim();
  return { name, value: shown(value), target: `<= ${shown(limit)}`, isMet: value <= limit };
}
