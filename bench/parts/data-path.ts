import { say, type Finding } from '../findings.js';
import type { Part } from '../part.js';
import { measure, withServer, type Ports } from '../processes.js';
import { workloads, type WorkloadName } from '../programs/workloads.js';
import { interleave } from '../ratios.js';
import { comparisonTable, type Comparison } from '../report.js';
import type { SubjectName } from '../subjects.js';

const target = 1.05;
const reuseTarget = 0.7;

const titles = {
  pingPong: 'ping-pong, 64 B, 16 connections',
  download: 'download, 64 KiB, 4 connections',
  upload: 'upload, 64 KiB, 4 connections',
} as const satisfies Record<WorkloadName, string>;

/** Who does what, besides the control, and the highest ratio that is good enough. */
const subjects: Record<WorkloadName, readonly { name: SubjectName; title: string; target?: number }[]> = {
  pingPong: [
    { name: 'connect', title: 'connman', target },
    { name: 'connman2', title: 'connman 2' },
    { name: 'reconnectNet', title: 'reconnect-net' },
  ],
  download: [
    { name: 'connect', title: 'connman', target },
    { name: 'reuseReadBuffer', title: 'connman, reuseReadBuffer', target: reuseTarget },
    { name: 'connman2', title: 'connman 2' },
    { name: 'reconnectNet', title: 'reconnect-net' },
  ],
  upload: [
    { name: 'connect', title: 'connman', target },
    { name: 'connman2', title: 'connman 2' },
    { name: 'reconnectNet', title: 'reconnect-net' },
  ],
};

/** What a message costs the process that keeps the connections. */
export const dataPath: Part = {
  title: 'The path of the data',
  rounds: 9,
  minutes: 6,
  quickRounds: 1,
  peers: ['connman-2', 'reconnect-net'],
  async run(rounds) {
    const comparisons = await withServer((ports) => compareAll(ports, rounds));
    return [introduction, comparisonTable('µs', 1, comparisons)];
  },
};

const introduction: Finding = say(
  'CPU of the process per message (user and system), by the hand-written control and by those that pass data on. Pools that ' +
    'lend sockets are not in the way of the data: for them it is what it is for _bare_. With _reuseReadBuffer_ a chunk is ' +
    'valid only inside `onData`.',
);

async function compareAll(ports: Ports, rounds: number): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const workload of Object.keys(titles) as WorkloadName[]) {
    comparisons.push(...(await compare(ports, workload, rounds)));
  }
  return comparisons;
}

async function compare(ports: Ports, workload: WorkloadName, rounds: number): Promise<Comparison[]> {
  const contestants = subjects[workload];
  const port = ports[workloads[workload].peer];
  const names: SubjectName[] = ['bare', ...contestants.map(({ name }) => name)];
  const values = await interleave(names, rounds, (name) =>
    measure('cpu-client', [name, workload, String(port)]),
  );
  return contestants.map(({ name, title, target: limit }) => ({
    name: `${titles[workload]}: ${title}`,
    subject: values(name),
    control: values('bare'),
    target: limit,
  }));
}
