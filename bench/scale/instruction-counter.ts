import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { programPath } from '../compile.js';

const flags = [
  '--tool=callgrind',
  '--callgrind-out-file=/dev/null',
  // What steady-client.ts calls when its warm-up is over.
  '--zero-before=uv_os_getpriority',
];
const collected = /Collected : (\d+)/;

/** Whether valgrind is there, and can count. */
export function canCount(): boolean {
  const { error, stderr } = spawnSync('valgrind', [...flags, 'true'], { encoding: 'utf8' });
  return !error && collected.test(stderr);
}

/** How many instructions steady-client.ts takes in user space after its warm-up, its end included. */
export async function instructionsOf(args: readonly string[]): Promise<number> {
  const command = [...flags, process.execPath, programPath('steady-client'), ...args];
  const child = spawn('valgrind', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const output = await text(child.stderr);
  const found = collected.exec(output)?.[1];
  if (found !== undefined) return Number(found);
  throw new Error(`valgrind: expected a count of instructions, got ${output}`);
}
