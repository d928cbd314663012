import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { programPath } from './compile.js';

/** The ports of the server process. */
export interface Ports {
  readonly echo: number;
  readonly source: number;
  readonly sink: number;
  readonly broadcast: number;
  readonly hold: number;
  readonly census: number;
}

const patience = 30_000;
const serverCpu = 0;
const clientCpu = 1;

/**
 * Whether client and server each stay on a CPU of their own. Where the system places them as it likes, the same bulk
 * transfer costs one of two amounts that differ by half.
 */
export const isPinned: boolean =
  availableParallelism() > clientCpu &&
  spawnSync('taskset', ['-c', `${serverCpu},${clientCpu}`, 'true']).status === 0;

/** Runs one measurement in a process of its own: the number that it sends. */
export async function measure(
  program: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<number> {
  const child = start(program, clientCpu, args, flags);
  const result = await firstMessage(child);
  if (typeof result === 'number') return result;
  throw new Error(`${program} ${args.join(' ')}: expected a number, got ${String(result)}`);
}

/** Gives `use` the ports of a new server process, which ends afterwards. */
export async function withServer<T>(use: (ports: Ports) => Promise<T>): Promise<T> {
  const server = start('server', serverCpu);
  try {
    return await use(toPorts(await firstMessage(server)));
  } finally {
    server.disconnect();
  }
}

function start(
  program: string,
  processor: number,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): ChildProcess {
  if (!isPinned) return fork(programPath(program), args, { execArgv: [...flags] });
  const execArgv = ['-c', String(processor), process.execPath, ...flags];
  return fork(programPath(program), args, { execPath: 'taskset', execArgv });
}

function toPorts(message: unknown): Ports {
  const { echo, source, sink, broadcast, hold, census } = message as Record<keyof Ports, unknown>;
  const ports = { echo, source, sink, broadcast, hold, census };
  if (arePorts(ports)) return ports;
  throw new Error(`server: expected its ports, got ${JSON.stringify(message)}`);
}

function arePorts(ports: Record<keyof Ports, unknown>): ports is Ports {
  return Object.values(ports).every((port) => typeof port === 'number');
}

function firstMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill();
      reject(new Error(`${child.spawnargs.slice(1).join(' ')}: ${why}`));
    };
    const timer = setTimeout(() => fail(`no result within ${patience} ms`), patience);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with code ${code} and no result`);
    });
  });
}
