import type { ChildProcess } from 'node:child_process';
import { Conversation } from './conversation.js';
import { kill, start } from './placed.js';

/** Servers that hold what they accept, each in a process of its own, at ports that outlive the processes. */
export class HoldServers {
  #ports: readonly number[];
  #children: readonly ChildProcess[] = [];

  private constructor(count: number) {
    this.#ports = Array.from({ length: count }, () => 0);
  }

  /** So many of them, listening. */
  static async open(count: number): Promise<HoldServers> {
    const servers = new HoldServers(count);
    await servers.start();
    return servers;
  }

  get ports(): readonly number[] {
    return this.#ports;
  }

  /** Starts them, at the ports that they had if they ever ran; resolves when all listen. */
  async start(): Promise<void> {
    this.#children = this.#ports.map((port) => start('hold-server', 'server', [String(port)]));
    this.#ports = await Promise.all(this.#children.map(portOf));
  }

  /** Kills all of them; resolves when they are gone. */
  async kill(): Promise<void> {
    await Promise.all(this.#children.map(kill));
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  const port = await new Conversation(child).next();
  if (typeof port === 'number') return port;
  throw new Error(`hold-server: expected its port, got ${String(port)}`);
}
