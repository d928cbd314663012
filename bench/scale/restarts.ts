import type { Message, Up } from '../programs/restart-messages.js';
import { Conversation } from './conversation.js';
import { HoldServers } from './hold-servers.js';
import { start } from './placed.js';

const flags = ['--expose-gc'];
/** A life that ends sooner is not stable: then the next dial would wait for longer. Milliseconds. */
const stable = 5_500;

/** How a program with so many connections fares when all its servers are killed and started again. */
export async function restarts(
  connections: number,
  endpoints: number,
  count: number,
): Promise<{ readonly opening: Up; readonly returns: readonly Up[] }> {
  const servers = await HoldServers.open(endpoints);
  const child = start('restarts-client', 'client', [String(connections), servers.ports.join(',')], flags);
  const client = new Conversation(child);
  try {
    const opening = await upFrom(client);
    const returns: Up[] = [];
    while (returns.length < count) returns.push(await restart(servers, client));
    return { opening, returns };
  } finally {
    if (child.connected) child.disconnect();
    await servers.kill();
  }
}

async function restart(servers: HoldServers, client: Conversation): Promise<Up> {
  await new Promise((resolve) => setTimeout(resolve, stable));
  await servers.kill();
  const { kind } = (await client.next()) as Message;
  if (kind !== 'down') throw new Error(`restarts-client: expected to hear that all are lost, got ${kind}`);
  await servers.start();
  return upFrom(client);
}

async function upFrom(client: Conversation): Promise<Up> {
  const message = (await client.next()) as Message;
  if (message.kind === 'up') return message;
  throw new Error(`restarts-client: expected to hear that all are up, got ${message.kind}`);
}
