import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { programPath } from '../compile.js';
import { isPinned } from '../processes.js';

const cpus = { server: 0, client: 1 } as const;

/** Starts a program in a process of its own, on the CPU of its side. */
export function start(
  program: string,
  side: keyof typeof cpus,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): ChildProcess {
  if (!isPinned) return fork(programPath(program), args, { execArgv: [...flags] });
  const execArgv = ['-c', String(cpus[side]), process.execPath, ...flags];
  return fork(programPath(program), args, { execPath: 'taskset', execArgv });
}

/** Ends a process at once, as a crash does; resolves when it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
