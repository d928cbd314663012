import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { nextPoll } from '../listen/index.js';

/** Throws on a system without SIGSTOP. `caller` is the call that needs it, for the message. */
export function requireStopSignal(caller: string): void {
  if (process.platform === 'win32')
    throw new Error(`${caller} needs the signal SIGSTOP, which Windows does not have`);
}

/**
 * Starts a shell that kills the process when this one dies, in whatever way. A stopped process cannot see the end of
 * its standard input, so the shell watches its own instead. Resolves with a function that ends the shell.
 */
export async function killWithParent(pid: number): Promise<() => Promise<void>> {
  const program = 'trap "" HUP INT QUIT TERM; read -r _; kill -KILL "$1"';
  const guard = spawn('/bin/sh', ['-c', program, 'sh', String(pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(guard, 'spawn');
  const gone = once(guard, 'close');
  return async () => {
    guard.kill('SIGKILL');
    await gone;
  };
}

/** Resolves once the process has stopped or has exited. A signal takes effect some time after it is sent. */
export async function untilStopped(pid: number): Promise<void> {
  const state = await stateOf(pid);
  if (state === 'T' || state === 'Z' || state === '') return;
  await nextPoll();
  await untilStopped(pid);
}

/** The system's letter for the state of a process: T for stopped, Z for exited, empty if the process is unknown. */
async function stateOf(pid: number): Promise<string> {
  try {
    if (process.platform !== 'linux')
      return (await promisify(execFile)('ps', ['-o', 'state=', '-p', `${pid}`])).stdout.charAt(0);
    const status = await readFile(`/proc/${pid}/stat`, 'latin1');
    return status.charAt(status.lastIndexOf(')') + 2);
  } catch {
    return '';
  }
}
