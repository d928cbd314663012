import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { explained, say, type Finding } from '../findings.js';
import type { Part } from '../part.js';
import { measureAny, withPeer } from '../processes.js';
import type { Load, Measured } from '../programs/in-flight-client.js';
import type { Where, WriterName } from '../programs/writers.js';
import { barPlot } from '../plots/bars.js';
import { interleave, pairRatios, spread } from '../ratios.js';
import { comparisonTable, gainTable, rateTable, valueTable, type Value } from '../report.js';

const names = [
  'bare',
  'bare, setNoDelay(true)',
  'bare, corked by hand',
  'connman',
  'connman, autoCork: false',
] as const satisfies WriterName[];

const transports = ['TCP', 'Unix socket', 'TLS'] as const;
type Transport = (typeof transports)[number];

/** A load, and what connman is to reach over TCP, beside a bare socket. */
interface Case extends Load {
  readonly title: string;
  /** The lowest ratio of messages per second. */
  readonly rate?: number;
  /** The highest ratio of CPU. */
  readonly cpu?: number;
  /** The highest ratio of the 99th percentile of latency. */
  readonly p99?: number;
}

const bulk = 65_536;

const cases: readonly Case[] = [
  { title: '64 B, 1 in flight', size: 64, depth: 1, messages: 12_000, rate: 0.97, p99: 1.2 },
  { title: '64 B, 8 in flight', size: 64, depth: 8, messages: 30_000 },
  { title: '64 B, 16 in flight', size: 64, depth: 16, messages: 40_000, rate: 0.75, cpu: 0.95 },
  { title: '64 B, 128 in flight', size: 64, depth: 128, messages: 80_000, rate: 2.5, cpu: 0.35 },
  { title: '64 B, 1 024 in flight', size: 64, depth: 1_024, messages: 200_000, rate: 5, cpu: 0.2 },
  { title: '1 kB, 128 in flight', size: 1_000, depth: 128, messages: 60_000 },
  { title: '1 kB, 1 024 in flight', size: 1_000, depth: 1_024, messages: 80_000 },
  { title: '64 B, a stream of 100 in each turn', size: 64, depth: 100, messages: 200_000, isStream: true },
  { title: '64 KiB both ways, 4 in flight', size: bulk, depth: 4, messages: 6_000, rate: 0.95 },
  {
    title: '64 B, 1 in flight beside a burst of 1 024',
    size: 64,
    depth: 1_024,
    messages: 150_000,
    isProbed: true,
  },
];

type Results = (name: WriterName) => readonly Measured[];

/** What many small messages cost, and how soon they are there. */
export const inFlight: Part = {
  title: 'Many messages in flight',
  rounds: 7,
  minutes: 25,
  quickRounds: 1,
  peers: [],
  async run(rounds) {
    const findings: Finding[] = [introduction];
    for (const transport of transports) {
      // Over TCP is what programs have most.
      const often = transport === 'TCP' ? rounds : Math.ceil(rounds / 7);
      findings.push(...(await compare(transport, often)));
    }
    return findings;
  },
};

const introduction: Finding = say(
  'Messages on one connection to a server that sends them back, as many under way as is said; a stream is only sent. _Bare_ is a ' +
    'socket with the defaults of Node.js, where the system may hold small messages back until earlier ones are acknowledged; connman sets ' +
    '`noDelay`. _Corked by hand_ is `setNoDelay(true)`, and `cork()` from the first write of a turn to the next tick. CPU is that of the client, user and system.',
);

async function compare(transport: Transport, rounds: number): Promise<readonly Finding[]> {
  const measured: (readonly [Case, Results])[] = [];
  await withEcho(transport, async (where) => {
    for (const each of cases) {
      const run = (name: WriterName): Promise<Measured> => measureOne(name, where, each);
      // oxlint-disable-next-line no-await-in-loop
      measured.push([each, await interleave(names, rounds, run)]);
    }
  });
  const isFirst = transport === 'TCP';
  const pictures = isFirst ? [picture(measured)] : [];
  return [
    say(`Over ${transport}, ${rounds === 1 ? '1 round' : `${rounds} rounds`}:`),
    ...pictures,
    ...tables(measured, isFirst),
  ];
}

/** How many times the messages of a bare socket. */
function picture(measured: readonly (readonly [Case, Results])[]): Finding {
  const drawn = measured.filter(([{ size, isStream, isProbed }]) => size === 64 && !isStream && !isProbed);
  const bars = drawn.flatMap(([{ title }, of]) =>
    (['connman', 'bare, corked by hand', 'bare'] as const).map((name) => {
      const rates = of(name).map(({ rate }) => rate);
      const bare = of('bare').map(({ rate }) => rate);
      return { name, group: title, value: pairRatios(rates, bare).median };
    }),
  );
  return barPlot({
    name: 'messages',
    title: 'Messages per second over TCP, beside a bare net.Socket',
    unit: 'times a bare socket',
    format: '.2f',
    bars,
  });
}

const why =
  'What is missed by less than a bare socket differs from itself, one round to the next, this run does not decide.';

function tables(measured: readonly (readonly [Case, Results])[], hasTargets: boolean): readonly Finding[] {
  const rates = measured.map(([{ title }, of]) => ({
    name: `${title}, thousands of messages per second`,
    rates: names.map((name) => of(name).map(({ rate }) => rate)),
  }));
  const gains = measured.map(([{ title, rate }, of]) => ({
    name: `${title}: messages per second, connman / bare`,
    subject: of('connman').map(({ rate: own }) => own),
    control: of('bare').map(({ rate: own }) => own),
    ...(hasTargets && rate !== undefined && { target: rate }),
  }));
  const costs = measured.flatMap(([{ title, cpu }, of]) =>
    (['connman', 'bare, corked by hand'] as const).map((name) => ({
      name: `${title}: CPU of a message, ${name}`,
      subject: of(name).map(({ cpu: own }) => own),
      control: of('bare').map(({ cpu: own }) => own),
      target: hasTargets && name === 'connman' ? cpu : undefined,
    })),
  );
  const latencies = measured.flatMap(([each, of]) => latencyOf(each, of, hasTargets));
  return [
    rateTable(names, rates),
    ...explained(gainTable(gains), why),
    ...explained(comparisonTable('µs', 2, costs), why),
    ...explained(valueTable(latencies), why),
  ];
}

function latencyOf({ title, depth, isProbed, p99: limit }: Case, of: Results, hasTarget: boolean): Value[] {
  if (depth > 1 && !isProbed) return [];
  const [bare, own] = (['bare', 'connman'] as const).map((name) => [
    spread(of(name).map(({ p50 }) => p50)).median,
    spread(of(name).map(({ p99 }) => p99)).median,
  ]) as [[number, number], [number, number]];
  const show = ([p50, p99]: [number, number]): string => `${p50.toFixed(3)} and ${p99.toFixed(3)}`;
  const target = hasTarget ? limit : undefined;
  return [
    { name: `${title}: latency of half of them and of 99 %, ms, bare`, value: show(bare) },
    {
      name: `${title}: the same, connman`,
      value: show(own),
      ...(target !== undefined && { target: `<= ${target} × bare`, isMet: own[1] <= target * bare[1] }),
    },
  ];
}

function measureOne(
  name: WriterName,
  where: Where,
  { size, depth, messages, isStream, isProbed }: Load,
): Promise<Measured> {
  const load: Load = { size, depth, messages, isStream: isStream === true, isProbed: isProbed === true };
  return measureAny('in-flight-client', [
    name,
    JSON.stringify(where),
    JSON.stringify(load),
  ]) as Promise<Measured>;
}

async function withEcho<T>(transport: Transport, use: (where: Where) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'connman-'));
  const identity = transport === 'TLS' ? await issue() : undefined;
  const path = transport === 'Unix socket' ? join(folder, 's') : '';
  try {
    return await withPeer('echo-server', [path, identity ? JSON.stringify(identity) : ''], (to) =>
      use({ to: String(to), ca: identity?.cert ?? '' }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** For `localhost`, issued by itself. */
async function issue(): Promise<{ readonly key: string; readonly cert: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  return { key, cert };
}
