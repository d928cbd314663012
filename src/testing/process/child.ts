import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { serialize } from 'node:v8';
import { nextPoll } from '../listen/index.js';
import { type ChildSettings, childSource } from './child-source.js';
import { killWithParent, untilStopped } from './stopped-child.js';

/** A server in a child process. The child dies with this process, however this one ends, even while it is stopped. */
export interface Child {
  readonly pid: number;
  /** The IP address or the path on which the child listens. */
  readonly address: string;
  /** The port on which the child listens; 0 for a path. */
  readonly port: number;
  /** Stops the child (SIGSTOP); resolves once it has stopped. */
  stop(): Promise<void>;
  /** Lets the child continue (SIGCONT). The signal is sent before the call returns. */
  cont(): Promise<void>;
  /** Kills the child (SIGKILL), also while it is stopped; resolves once it has exited and its listener is closed. */
  kill(): Promise<void>;
}

/** Starts a child and resolves once it listens. Rejects with the error of Node.js if it cannot listen. */
export async function startChild(settings: ChildSettings): Promise<Child> {
  const line = `${serialize(settings).toString('base64')}\n`;
  const args = ['--input-type=commonjs', '-e', childSource];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child, 'spawn');
  const gone = once(child, 'close');
  child.stdin.on('error', () => {});
  child.stdin.write(line);
  const report = await firstLine(child.stdout);
  const controls = controlsOf(child, gone, report);
  if (report.code === undefined) return controls;
  await controls.kill();
  throw Object.assign(new Error(report.message), { code: report.code });
}

function controlsOf(child: ChildProcess, gone: Promise<unknown>, { address, port = 0 }: ChildReport): Child {
  const pid = child.pid ?? 0;
  let endGuard: (() => Promise<void>) | undefined;
  return {
    pid,
    address,
    port,
    async stop() {
      endGuard ??= await killWithParent(pid);
      child.kill('SIGSTOP');
      await untilStopped(pid);
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

/** The line that the child writes, see {@link childSource}: an address, or an error with `code` and `message`. */
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
