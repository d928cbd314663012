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
const cpus = { server: 0, client: 1 } as const;

/** The side on which a process stands. */
export type Side = keyof typeof cpus;

/**
 * Whether client and server each stay on a CPU of their own. Where the system places them as it likes, the same bulk
 * transfer costs one of two amounts that differ by half.
 */
export const isPinned: boolean =
  availableParallelism() > cpus.client &&
  spawnSync('taskset', ['-c', Object.values(cpus).join(), 'true']).status === 0;

/** Runs one measurement in a process of its own: the number that it sends. */
export async function measure(
  program: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<number> {
  const result = await measureAny(program, args, flags);
  if (typeof result === 'number') return result;
  throw new Error(`${program} ${args.join(' ')}: expected a number, got ${String(result)}`);
}

/** Runs one measurement in a process of its own: what it sends. */
export function measureAny(
  program: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<unknown> {
  return firstMessage(start(program, 'client', args, { flags }));
}

/** Gives `use` the ports of a new server process, which ends afterwards. */
export function withServer<T>(use: (ports: Ports) => Promise<T>): Promise<T> {
  return withPeer('server', [], (message) => use(toPorts(message)));
}

/** Gives `use` the first message of a program on the side of the server, which ends afterwards. */
export async function withPeer<T>(
  program: string,
  args: readonly string[],
  use: (message: unknown) => Promise<T>,
): Promise<T> {
  const peer = start(program, 'server', args);
  try {
    return await use(await firstMessage(peer));
  } finally {
    peer.disconnect();
  }
}

/** How a program is started. */
export interface Launch {
  /** Flags of Node.js. */
  readonly flags?: readonly string[];
  /** A command that runs it, and whose errors are to be read. */
  readonly through?: readonly string[];
}

/** Starts a program in a process of its own, on the CPU of its side. */
export function start(
  program: string,
  side: Side,
  args: readonly string[] = [],
  { flags = [], through = [] }: Launch = {},
): ChildProcess {
  const pinned = isPinned ? ['taskset', '-c', String(cpus[side])] : [];
  const [execPath = '', ...execArgv] = [...pinned, ...through, process.execPath, ...flags];
  const errors = through.length === 0 ? 'inherit' : 'pipe';
  return fork(programPath(program), args, {
    execPath,
    execArgv,
    stdio: ['ignore', 'inherit', errors, 'ipc'],
  });
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
