import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { onTestFinished, type TestContext } from 'vitest';
import { nextTurn } from './fixtures.js';

/** Where a server runs: its port of 127.0.0.1, and a folder of its own for its files. */
export interface Place {
  readonly port: number;
  readonly folder: string;
}

/** A server program that may be installed on this machine. */
export interface Installable {
  /** The name of the program, or its path. */
  readonly command: string;
  /** The Debian package that has it. */
  readonly package: string;
  /** Its arguments for listening on that port. */
  readonly args: (place: Place) => readonly string[];
  /** What to send, and how the answer begins once the server is ready to serve. */
  readonly probe: { readonly ask: string | Buffer; readonly answer: string };
  /** Done once, before the first start. */
  readonly prepare?: (place: Place, options: SpawnOptions) => void;
  /** What it is stopped with at the end; SIGKILL unless that leaves something behind. */
  readonly stopSignal?: NodeJS.Signals;
}

const startTimeout = 15_000;
const probeTimeout = 1_000;

/** Whether the program is installed. */
export function isInstalled({ command }: Pick<Installable, 'command'>): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return (command.includes('/') ? [''] : folders).some((folder) => isProgram(join(folder, command)));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Skips the test where the program is not installed; with CONNMAN_REQUIRE_SERVERS=1 in the environment, the test fails
 * instead.
 */
export function needsInstalled(
  server: Pick<Installable, 'command' | 'package'>,
  context: Pick<TestContext, 'skip'>,
): void {
  if (isInstalled(server)) return;
  const message = `${server.command} is not installed: it is in the Debian package ${server.package}`;
  if (process.env['CONNMAN_REQUIRE_SERVERS'] === '1') throw new Error(message);
  context.skip(message);
}

/** A real server in a process of its own, which can be killed and started again on its port. */
export class InstalledServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #server: Installable;
  /** A folder for its files. */
  readonly folder: string = mkdtempSync(join(tmpdir(), 'connman-server-'));
  readonly #options: SpawnOptions;
  #child: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();
  #output = '';

  constructor(server: Installable, port: number) {
    this.#server = server;
    this.port = port;
    const user = unprivilegedUser();
    if (user) chownSync(this.folder, user.uid, user.gid);
    this.#options = { ...user, cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] };
    server.prepare?.(this.#place, this.#options);
  }

  /** Starts it; resolves once it answers. */
  async start(): Promise<void> {
    const child = spawn(this.#server.command, this.#server.args(this.#place), this.#options);
    this.#output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-4_000)));
    }
    this.#gone = once(child, 'close');
    this.#child = child;
    try {
      await this.#answering(child, performance.now() + startTimeout);
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Sends it a signal that it survives. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** `kill -9`; resolves once it is gone, and with it every process that it has started. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child?.kill(signal);
    await this.#gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill(this.#server.stopSignal);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #place(): Place {
    return { port: this.port, folder: this.folder };
  }

  async #answering(child: ChildProcess, deadline: number): Promise<void> {
    const { command, probe } = this.#server;
    while (!(await answers(this.port, probe))) {
      if (child.exitCode !== null || child.signalCode) throw new Error(`${command} exited: ${this.#output}`);
      if (performance.now() > deadline) throw new Error(`${command} does not answer: ${this.#output}`);
      await nextTurn();
    }
  }
}

/** Starts an installed server on a free port. At the latest, it is gone at the end of the test, even of one that hangs. */
export async function startInstalled(server: Installable): Promise<InstalledServer> {
  const installed = new InstalledServer(server, await freePort());
  onTestFinished(() => installed[Symbol.asyncDispose]());
  await installed.start();
  return installed;
}

/** Some servers refuse to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * A port that nobody listens on, below those that the system gives out by itself: nobody takes it while the server is
 * down.
 */
export async function freePort(): Promise<number> {
  const port = 15_000 + Math.floor(Math.random() * 15_000);
  const probe = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    probe.once('listening', () => resolve(true)).once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1');
  });
  if (!isFree) return freePort();
  await once(probe.close(), 'close');
  return port;
}

/** Whether the server answers as it does when it is ready. */
async function answers(port: number, { ask, answer }: Installable['probe']): Promise<boolean> {
  const socket = connect(port, '127.0.0.1', () => socket.write(ask)).on('error', () => {});
  socket.setTimeout(probeTimeout, () => socket.destroy());
  let heard = '';
  const isReady = await new Promise<boolean>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
      if (heard.startsWith(answer)) resolve(true);
    });
    socket.once('close', () => resolve(false));
  });
  socket.destroy();
  return isReady;
}
