import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Connection } from 'connman';
import { describe, expect } from 'vitest';
import { LastingAgent } from '../../examples/clients/http-agent.js';
import { activeResources, it, until } from '../support/fixtures.js';
import { Cutter } from './cutter.js';
import { liveThrough, type Subject } from './drops.js';
import { expectPersistence, type Mode, modes, type Place, report, soon, timeLimit } from './expectations.js';
import { Peer } from './peer.js';

/** Answers a request with its path. */
function serve(server: Server): void {
  const http = createServer((request, response) => response.end(request.url?.slice(1)));
  server.on('connection', (socket) => http.emit('connection', socket));
}

/** The body of the answer. */
async function fetchText(agent: LastingAgent, path: string): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: 'example.test', path: `/${path}`, agent }, resolve).once('error', reject);
  });
  return text(response);
}

function httpOver({ port, host }: Place, listeners: Mode): Subject & { readonly agent: LastingAgent } {
  const agent = new LastingAgent(port, host, { ...soon, listeners });
  const { connection } = agent;
  return { agent, connection, ready: () => connection.ready(), ask: (value) => fetchText(agent, value) };
}

async function end({
  agent,
  connection,
}: {
  readonly agent: LastingAgent;
  readonly connection: Connection;
}): Promise<void> {
  agent.destroy();
  await until(() => connection.state === 'closed');
}

describe.each(modes)("http.Agent with listeners: '%s'", timeLimit, (listeners) => {
  it('lives through 18 drops with one agent', async () => {
    await using peer = await Peer.start(serve);
    const subject = httpOver(peer, listeners);
    const account = await liveThrough(subject, peer.drops(6));
    report('http.Agent', listeners, account);
    await end(subject);
    if (listeners === 'life') expectPersistence(account);
  });

  it('loses no more than what was under way when an answer is cut in two', async () => {
    await using peer = await Peer.start(serve);
    await using cutter = await Cutter.start(peer);
    const subject = httpOver(cutter, listeners);
    const account = await liveThrough(subject, cutter.drops());
    report('http.Agent, cut', listeners, account);
    await end(subject);
    if (listeners === 'life') expectPersistence(account);
  });
});

describe('http.Agent', () => {
  it('keeps the program alive for a request after a drop without one', async () => {
    const waiting: ServerResponse[] = [];
    await using peer = await Peer.start((server) => {
      const http = createServer((_, response) => void waiting.push(response));
      server.on('connection', (socket) => http.emit('connection', socket));
    });
    const before = activeResources();
    const agent = new LastingAgent(peer.port, peer.host, soon);
    const busy = async (): Promise<number | undefined> => {
      const answer = fetchText(agent, 'anything');
      await until(() => waiting.length > 0);
      const { TCPSocketWrap = 0 } = activeResources();
      waiting.pop()?.end();
      await answer;
      return TCPSocketWrap - (before['TCPSocketWrap'] ?? 0);
    };
    // Both ends of the connection.
    expect(await busy()).toBe(2);
    peer.end();
    await until(() => agent.connection.life === 2);
    expect(await busy()).toBe(2);
    await end({ agent, connection: agent.connection });
  });
});
