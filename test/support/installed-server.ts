import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { TestContext } from 'vitest';
import { nextTurn } from './fixtures.js';

/** A server program that may be installed on this machine. */
export interface Installable {
  /** The name of the program. */
  readonly command: string;
  /** The Debian package that has it. */
  readonly package: string;
  /** Its arguments for listening on this port of 127.0.0.1. */
  readonly args: (port: number) => readonly string[];
}

/** Whether the program is installed. */
function isInstalled({ command }: Installable): boolean {
  return spawnSync(command, ['-h'], { stdio: 'ignore' }).error === undefined;
}

/**
 * Skips the test where the program is not installed; with CONNMAN_REQUIRE_SERVERS=1 in the environment, the test fails
 * instead.
 */
export function needsInstalled(server: Installable, context: Pick<TestContext, 'skip'>): void {
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
  #child: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();

  constructor(server: Installable, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** Starts it; resolves once it accepts dials. */
  async start(): Promise<void> {
    const child = spawn(this.#server.command, this.#server.args(this.port), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaints = '';
    child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    this.#gone = once(child, 'close');
    this.#child = child;
    await this.#accepting(child, () => complaints);
  }

  /** `kill -9`; resolves once it is gone. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  async #accepting(child: ChildProcess, complaints: () => string): Promise<void> {
    if (child.exitCode !== null) throw new Error(`${this.#server.command} exited: ${complaints()}`);
    if (await accepts(this.port)) return;
    await nextTurn();
    await this.#accepting(child, complaints);
  }
}

/** Starts an installed server on a free port. */
export async function startInstalled(server: Installable): Promise<InstalledServer> {
  const installed = new InstalledServer(server, await freePort());
  await installed.start();
  return installed;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, '127.0.0.1'), 'listening');
  const address = probe.address();
  await once(probe.close(), 'close');
  if (typeof address === 'object' && address) return address.port;
  throw new Error('BUG: the server has no port');
}

/** Whether a dial to the port succeeds, and reaches somebody else than itself. */
async function accepts(port: number): Promise<boolean> {
  const probe = connect(port, '127.0.0.1').on('error', () => {});
  const isUp = await new Promise<boolean>((resolve) => {
    probe.once('connect', () => resolve(probe.localPort !== port));
    probe.once('close', () => resolve(false));
  });
  probe.destroy();
  return isUp;
}
