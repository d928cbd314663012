import { withServer, type Ports } from '../processes.js';
import { workloads, type WorkloadName } from '../programs/workloads.js';
import { interleave } from '../ratios.js';
import { printComparisons, type Comparison } from '../report.js';
import { canCount, instructionsOf } from '../scale/instruction-counter.js';

const target = 1.02;
/** Messages until everything is compiled, and messages that are counted. */
const warmUp = 40_000;
const counted = 20_000;

/** Instructions in user space for each message, beside bare; says whether all targets are met. */
export async function instructions(rounds: number): Promise<boolean> {
  if (!canCount()) {
    console.log('Instructions: skipped, for there is no valgrind that could count them here\n');
    return true;
  }
  console.log(
    `Instructions of the client process per message, by valgrind --tool=callgrind, ${rounds} rounds`,
  );
  return withServer(async (ports) =>
    printComparisons('instructions', 0, [
      await compare('ping-pong, 64 B', 'pingPong', ports, rounds),
      await compare('download, 64 KiB', 'download', ports, rounds),
    ]),
  );
}

async function compare(
  name: string,
  workload: WorkloadName,
  ports: Ports,
  rounds: number,
): Promise<Comparison> {
  const port = String(ports[workloads[workload].peer]);
  const counts = await interleave(['connect', 'bare'], rounds, async (subject) => {
    const args = [subject, workload, String(warmUp), String(counted), port];
    return (await instructionsOf(args)) / counted;
  });
  return { name, subject: counts('connect'), control: counts('bare'), target };
}
