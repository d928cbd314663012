import { measure, withServer } from '../processes.js';
import { interleave } from '../ratios.js';
import { printComparisons } from '../report.js';

/** So many that the tables of Node.js, which grow by doubling, do not tip the scales. */
const connections = 8_000;
const target = 1.35;
/** Neither compiled code nor its disposal belongs to a connection, but both would be counted. */
const flags = ['--expose-gc', '--no-opt', '--no-sparkplug', '--no-flush-bytecode'];

/** Heap per idle connection; says whether all targets are met. */
export async function memory(rounds: number): Promise<boolean> {
  console.log(`Heap per idle connection, ${connections} connections, ${rounds} rounds`);
  return withServer(async ({ sink }) => {
    const values = await interleave(['connect', 'bare', 'addConnection'], rounds, (subject) =>
      measure('memory-client', [subject, String(connections), String(sink)], flags),
    );
    return printComparisons('B', 0, [
      { name: 'connect()', subject: values('connect'), control: values('bare'), target },
      { name: 'pool.addConnection()', subject: values('addConnection'), control: values('bare'), target },
    ]);
  });
}
