import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { serialize } from 'node:v8';
import { type ChildSettings, childSource } from './child-source.js';
import { nextPoll } from '../listen/next-poll.js';
import { guardWhileStopped, stopped } from './stopped-child.js';

/** A server in a child process. It never outlives this process, however that ends, not even while it is stopped. */
export interface Child {
  readonly pid: number;
  /** The IP address it listens on, or the path. */
  readonly address: string;
  /** The port it listens on; 0 for a path. */
  readonly port: number;
  /** Stops the whole process (SIGSTOP); resolves once it has stopped. */
  stop(): Promise<void>;
  /** Lets it continue (SIGCONT), at once. */
  cont(): Promise<void>;
  /** Kills it (SIGKILL), stopped or not; resolves once it is gone and its listener is closed. */
  kill(): Promise<void>;
}

/** Starts a child that listens; rejects with the error of Node.js if it cannot. */
export async function startChild(order: ChildSettings): Promise<Child> {
  const line = `${serialize(order).toString('base64')}\n`;
  const args = ['--input-type=commonjs', '-e', childSource];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child, 'spawn');
  const gone = once(child, 'close');
  child.stdin.on('error', () => {});
  child.stdin.write(line);
  const told = await firstLine(child.stdout);
  const controls = controlsOf(child, gone, told);
  if (told.code === undefined) return controls;
  await controls.kill();
  throw Object.assign(new Error(told.message), { code: told.code });
}

function controlsOf(child: ChildProcess, gone: Promise<unknown>, { address, port = 0 }: ChildReport): Child {
  const pid = child.pid ?? 0;
  let endGuard: (() => Promise<void>) | undefined;
  return {
    pid,
    address,
    port,
    async stop() {
      endGuard ??= await guardWhileStopped(pid);
      child.kill('SIGSTOP');
      await stopped(pid);
    },
    async cont() {
      child.kill('SIGCONT');
      await endGuard?.();
      endGuard = undefined;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
      await endGuard?.();
      await nextPoll();
    },
  };
}

/** The first line of the child, see {@link childSource}. */
interface ChildReport {
  readonly address: string;
  readonly port?: number;
  readonly code?: string;
  readonly message?: string;
}

function parse(line: string): ChildReport {
  return JSON.parse(line);
}

function firstLine(output: NodeJS.ReadableStream): Promise<ChildReport> {
  let text = '';
  return new Promise((resolve, reject) => {
    output.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(parse(text));
    });
    output.once('end', () => reject(new Error('the child process exited before it listened')));
  });
}
