import { say, type Finding } from '../findings.js';
import {
  countInstructions,
  findInstructionCounter,
  type InstructionCounter,
} from '../instruction-counter.js';
import type { Part } from '../part.js';
import { withServer, type Ports } from '../processes.js';
import { workloads, type WorkloadName } from '../programs/workloads.js';
import { interleave } from '../ratios.js';
import { comparisonTable, type Comparison } from '../report.js';

const target = 1.02;

/** A run with few messages and one with more: their difference has neither start nor import in it. */
const runs: Record<WorkloadName, { title: string; few: number; more: number }> = {
  pingPong: { title: 'ping-pong, 64 B', few: 10_000, more: 30_000 },
  download: { title: 'download, 64 KiB', few: 2_000, more: 6_000 },
  upload: { title: 'upload, 64 KiB', few: 2_000, more: 6_000 },
};

/** How many instructions a message takes: what the noise of a machine cannot hide. */
export const instructions: Part = {
  title: 'Instructions',
  rounds: 2,
  minutes: 12,
  quickRounds: 0,
  peers: [],
  async run(rounds) {
    const counter = findInstructionCounter();
    if (!counter) return [say('Neither perf nor valgrind can count them on this machine.')];
    const comparisons = await withServer((ports) => compareAll(counter, ports, rounds));
    return [introduction(counter), comparisonTable('instructions', 0, comparisons)];
  },
};

function introduction({ name }: InstructionCounter): Finding {
  return say(
    `Instructions of the process per message, those of the system left out, as ${name} counts them; Node.js runs with ` +
      '`--predictable`. As in the part before, a message is 64 B there and back, or 64 KiB asked for or answered by a byte.',
  );
}

async function compareAll(
  counter: InstructionCounter,
  ports: Ports,
  rounds: number,
): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const workload of Object.keys(runs) as WorkloadName[]) {
    const values = await interleave(['bare', 'connman'], rounds, (subject) =>
      perMessage(counter, ports, workload, subject),
    );
    const name = `${runs[workload].title}: connman`;
    comparisons.push({ name, subject: values('connman'), control: values('bare'), target });
  }
  return comparisons;
}

async function perMessage(
  counter: InstructionCounter,
  ports: Ports,
  workload: WorkloadName,
  subject: string,
): Promise<number> {
  const { few, more } = runs[workload];
  const port = ports[workloads[workload].peer];
  const count = (messages: number): Promise<number> =>
    countInstructions(counter, 'cpu-client', [subject, workload, String(port), String(messages)]);
  return ((await count(more)) - (await count(few))) / (more - few);
}
