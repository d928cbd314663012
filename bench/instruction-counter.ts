import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { start } from './processes.js';

/** Counts the instructions that a program takes, those of the system left out. */
export interface InstructionCounter {
  readonly name: string;
  readonly command: readonly string[];
  /** What it has counted, from what it prints; nothing if it cannot count here. */
  read(printed: string): number | undefined;
}

const counters: readonly InstructionCounter[] = [
  {
    name: 'perf stat',
    command: ['perf', 'stat', '-x,', '-e', 'instructions:u'],
    read: (printed) => numberIn(/^(\d+),[^,]*,instructions:u/m.exec(printed)),
  },
  {
    name: 'callgrind',
    command: ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null'],
    read: (printed) => numberIn(/Collected : (\d+)/.exec(printed)),
  },
];

const patience = 120_000;

/** The first of the counters that works here, if one does. */
export function findInstructionCounter(): InstructionCounter | undefined {
  return counters.find(({ command: [tool = '', ...args], read }) => {
    const { stderr } = spawnSync(tool, [...args, 'true'], { encoding: 'utf8' });
    return read(stderr ?? '') !== undefined;
  });
}

/** How many instructions a program takes from its beginning to its end. */
export async function countInstructions(
  { name, command, read }: InstructionCounter,
  program: string,
  args: readonly string[],
): Promise<number> {
  // With one thread, and nothing that happens by the clock, it takes the same number each time.
  const child = start(program, 'client', args, { flags: ['--predictable'], through: command });
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  const [printed] = await Promise.all([child.stderr ? text(child.stderr) : '', once(child, 'exit')]);
  clearTimeout(timer);
  const count = read(printed);
  if (count !== undefined) return count;
  throw new Error(`${program} ${args.join(' ')}: expected a count of ${name}, got ${printed}`);
}

function numberIn(match: RegExpExecArray | null): number | undefined {
  return match ? Number(match[1]) : undefined;
}
