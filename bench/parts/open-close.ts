import { explained, say, table, type Finding, type Table } from '../findings.js';
import { contestants, peers, type KeeperName } from '../keepers/index.js';
import type { Part } from '../part.js';
import type { KeeperAnswers } from '../programs/keeper.js';
import type { OutageServerAnswers } from '../programs/outage-server.js';
import { interleave, noiseFloor, pairRatios, spread } from '../ratios.js';
import { row, valueTable, withRange } from '../report.js';
import { Respondent } from '../respondent.js';

const connections = 5_000;
const patience = 20_000;
const target = 1.3;
/** Those of connman. */
const own = ['connman', 'connman, connect()'] as const satisfies KeeperName[];
const names: readonly KeeperName[] = contestants.toSpliced(0, 1, ...own);

interface Times {
  readonly open: number;
  readonly close: number;
}

type Rounds = (name: KeeperName) => readonly Times[];

/** How long it takes to open many connections at once, and to close them. */
export const openClose: Part = {
  title: 'Opening and closing',
  rounds: 7,
  minutes: 6,
  quickRounds: 1,
  peers,
  async run(rounds) {
    const times = await interleave(names, rounds, measureOne);
    return [introduction, results(times), ...explained(openTargets(times), why)];
  },
};

const introduction: Finding = say(
  `${connections} connections at once, from the first call until the last is open, and from "disconnect everything" until the ` +
    'last is closed, as the process sees it that has them. Set up as for the recovery and the shutdown. _connman_ is a pool. _bare_ destroys its sockets, as do the ' +
    'pools of anything; the others end them and wait for the other side. ' +
    `"never": not within ${patience / 1_000} s.`,
);

const why =
  'Each connection passes the gate of its endpoint, is given a deadline, and is counted by its pool. When this many are opened in ' +
  'the first second of a program, V8 has not compiled most of that code yet. It is paid once for each connection, not for each life.';

function results(times: Rounds): Table {
  const cells = (name: KeeperName, of: (each: Times) => number): string[] => [
    withRange(spread(times(name).map(of)), 0),
    withRange(name === 'bare' ? noiseFloor(times(name).map(of)) : ratio(times, name, of)),
  ];
  return table(
    ['', 'open, ms', 'open / bare', 'close, ms', 'close / bare'],
    names.map((name) =>
      row(name, [cells(name, ({ open }) => open), cells(name, ({ close }) => close)].flat()),
    ),
  );
}

function ratio(times: Rounds, name: KeeperName, of: (each: Times) => number): ReturnType<typeof pairRatios> {
  return pairRatios(times(name).map(of), times('bare').map(of));
}

function openTargets(times: Rounds): Table {
  return valueTable(
    own.map((name) => {
      const opened = ratio(times, name, ({ open }) => open);
      return {
        name: `open, ${name} / bare`,
        value: withRange(opened),
        target: `<= ${target}`,
        isMet: opened.median <= target,
      };
    }),
  );
}

async function measureOne(keeper: KeeperName): Promise<Times> {
  const server = new Respondent<OutageServerAnswers>('outage-server', 'server', ['hold']);
  const client = new Respondent<KeeperAnswers>('keeper', 'client', [keeper, String(connections)]);
  try {
    const { port } = await server.ask('listen', 0);
    const open = (await client.ask('open', port, patience)) ?? Infinity;
    if (open === Infinity) return { open, close: Infinity };
    return { open, close: (await client.ask('close', patience)) ?? Infinity };
  } finally {
    await Promise.all([server.kill(), client.kill()]);
  }
}
