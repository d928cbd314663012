import { measure, withServer, type Ports } from '../processes.js';
import { interleave } from '../ratios.js';
import { printComparisons } from '../report.js';
import type { SubjectName } from '../subjects.js';
import { workloads, type WorkloadName } from '../programs/workloads.js';

/** CPU of the client process per message; says whether all targets are met. */
export async function cpu(rounds: number): Promise<boolean> {
  console.log(`CPU of the client process per message (user and system), ${rounds} rounds`);
  return withServer(async (ports) => {
    const pingPong = await run(ports, 'pingPong', ['connect', 'bare'], rounds);
    const download = await run(ports, 'download', ['connect', 'bare', 'reuseReadBuffer'], rounds);
    const upload = await run(ports, 'upload', ['connect', 'bare'], rounds);
    return printComparisons('µs', 1, [
      {
        name: 'ping-pong, 64 B, 16 connections',
        subject: pingPong('connect'),
        control: pingPong('bare'),
        target: 1.05,
      },
      {
        name: 'download, 64 KiB, 4 connections',
        subject: download('connect'),
        control: download('bare'),
        target: 1.05,
      },
      {
        name: 'upload, 64 KiB, 4 connections',
        subject: upload('connect'),
        control: upload('bare'),
        target: 1.05,
      },
      {
        name: 'download, reuseReadBuffer',
        subject: download('reuseReadBuffer'),
        control: download('bare'),
        target: 0.7,
      },
    ]);
  });
}

async function run<Name extends SubjectName>(
  ports: Ports,
  workload: WorkloadName,
  subjects: readonly Name[],
  rounds: number,
): Promise<(name: Name) => readonly number[]> {
  const { peer } = workloads[workload];
  return interleave(subjects, rounds, (subject) =>
    measure('cpu-client', [subject, workload, String(ports[peer])]),
  );
}
