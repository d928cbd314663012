import { once } from 'node:events';
import { Conversation } from './conversation.js';
import { HoldServers } from './hold-servers.js';
import { start } from './placed.js';

/** What it took to close all connections of a program. Times are milliseconds. */
export interface Closing {
  /** From the call until everything was closed. */
  readonly closing: number;
  /** From then until the process had ended by itself. */
  readonly ending: number;
}

/** Lets a program open so many connections, to a server of its own, and close them. */
export async function closing(subject: string, connections: number): Promise<Closing> {
  const servers = await HoldServers.open(1);
  const args = [subject, String(connections), String(servers.ports[0])];
  const child = start('close-client', 'client', args, ['--expose-gc']);
  const ended = once(child, 'exit').then(() => performance.timeOrigin + performance.now());
  const told = (await new Conversation(child).next()) as { closing: number; at: number };
  const ending = (await ended) - told.at;
  await servers.kill();
  return { closing: told.closing, ending };
}

/** How long a program takes to open so many connections, to a server of its own. */
export async function opening(subject: string, connections: number): Promise<number> {
  const servers = await HoldServers.open(1);
  const args = [subject, String(connections), String(servers.ports[0])];
  const told = await new Conversation(start('open-client', 'client', args)).next();
  await servers.kill();
  if (typeof told === 'number') return told;
  throw new Error(`open-client: expected a time, got ${String(told)}`);
}
