import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { nextPoll } from '../listen/next-poll.js';

/** Throws where the system cannot stop a process. */
export function requireStopSignal(what: string): void {
  if (process.platform === 'win32')
    throw new Error(`${what} needs the signal SIGSTOP, which Windows does not have`);
}

/**
 * Kills a process if this one dies, however it dies, until what it returns is called. A stopped process cannot notice
 * that its parent is gone, so a shell waits in its place for the end of its own standard input.
 */
export async function guardWhileStopped(pid: number): Promise<() => Promise<void>> {
  const program = 'trap "" HUP INT QUIT TERM; read -r _; kill -KILL "$1"';
  const guard = spawn('/bin/sh', ['-c', program, 'sh', String(pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(guard, 'spawn');
  const gone = once(guard, 'close');
  return async () => {
    guard.kill('SIGKILL');
    await gone;
  };
}

/** Resolves once the process has stopped (a signal takes a moment to arrive), or is gone. */
export async function stopped(pid: number): Promise<void> {
  const state = await stateOf(pid);
  if (state === 'T' || state === 'Z' || state === '') return;
  await nextPoll();
  await stopped(pid);
}

/** The letter that the system has for the state of a process: T for stopped; empty if there is no such process. */
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
