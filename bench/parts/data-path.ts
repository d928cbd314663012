import { explained, say, type Finding } from '../findings.js';
import type { Part } from '../part.js';
import { measure, withServer, type Ports } from '../processes.js';
import { workloads, type WorkloadName } from '../programs/workloads.js';
import { interleave } from '../ratios.js';
import { comparisonTable, type Comparison } from '../report.js';
import type { SubjectName } from '../subjects.js';

const peers = ['connman-2', 'reconnect-net'] as const satisfies SubjectName[];

const titles = {
  pingPong: 'ping-pong, 64 B, 16 connections',
  download: 'download, 64 KiB, 4 connections',
  upload: 'upload, 64 KiB, 4 connections',
} as const satisfies Record<WorkloadName, string>;

/** The highest ratio that is good enough, of those that have one. */
const targets: Partial<Record<SubjectName, number>> = { connman: 1.05, 'connman, reuseReadBuffer': 0.75 };

/** Who does what, besides the control: a buffer to read into is of use only where much is read. */
const subjects: Record<WorkloadName, readonly SubjectName[]> = {
  pingPong: ['connman', ...peers],
  download: ['connman', 'connman, reuseReadBuffer', ...peers],
  upload: ['connman', ...peers],
};

/** What a message costs the process that keeps the connections. */
export const dataPath: Part = {
  title: 'The path of the data',
  rounds: 9,
  minutes: 6,
  quickRounds: 1,
  peers,
  async run(rounds) {
    const comparisons = await withServer((ports) => compareAll(ports, rounds));
    return [introduction, ...explained(comparisonTable('µs', 1, comparisons), why)];
  },
};

const introduction: Finding = say(
  'CPU of the process per message (user and system), by the hand-written control and by those that pass data on. Pools that ' +
    'lend sockets are not in the way of the data: for them it is what it is for _bare_. With `reuseReadBuffer` a chunk is ' +
    'valid only inside `onData`.',
);

const why =
  'A target that the range of _bare / bare_ reaches is not decided by this run: connman does nothing in the path of a large ' +
  'chunk that a bare socket does not do.';

async function compareAll(ports: Ports, rounds: number): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const workload of Object.keys(titles) as WorkloadName[]) {
    comparisons.push(...(await compare(ports, workload, rounds)));
  }
  return comparisons;
}

async function compare(ports: Ports, workload: WorkloadName, rounds: number): Promise<Comparison[]> {
  const port = ports[workloads[workload].peer];
  const values = await interleave(['bare', ...subjects[workload]], rounds, (name) =>
    measure('cpu-client', [name, workload, String(port)]),
  );
  return subjects[workload].map((name) => ({
    name: `${titles[workload]}: ${name}`,
    subject: values(name),
    control: values('bare'),
    target: targets[name],
  }));
}
