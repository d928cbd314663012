import { disconnectAll } from '../../index.js';
import { startMonitor } from '../../monitor/index.js';
import { pause } from '../../primitives/pause.js';
import { startTimer, stopTimer } from '../../primitives/time.js';
import { startServerProcess, type ServerProcess } from '../../testing/index.js';
import type { Arguments } from '../shell/arguments.js';
import type { Command } from '../shell/command.js';
import type { Output } from '../shell/output.js';
import type { Terminal } from '../shell/terminal.js';
import { Fleet } from './fleet.js';
import { tellGate } from './gate-lines.js';
import { openPage } from './open-page.js';
import { protocols } from './protocols.js';
import { readTarget, type Target } from './target.js';
import { Timeline } from './timeline.js';

const kills = 3;
const lifeTime = 600;
const outage = 500;
/** How long to ping a server that we do not kill. */
const visitTime = 3_000;
const timeLimit = 12_000;

// Short waits, and short lives that count as stable: the demo lasts for seconds, not for days.
const options = { backoff: { initial: 100, max: 400 }, stableAfter: lifeTime / 2 };

/** Pings our own server, which is killed and restarted. Resolves with the problems found. */
async function pingOwnServer(out: Output, signal: AbortSignal): Promise<string[]> {
  const timeline = new Timeline(out);
  const server = await startServerProcess();
  const untellGate = tellGate(timeline);
  try {
    if (signal.aborted) return stoppedBy(signal);
    const { host, port } = server;
    timeline.add('server', 'listening', `port ${port}`);
    const fleet = new Fleet({ host, port }, protocols.echo, timeline, { ...options, signal });
    return await watch(out, fleet, kills + 1, signal, () => killAndRestart(server, fleet, timeline, signal));
  } finally {
    untellGate();
    await server.close();
  }
}

/** Pings a server that runs already. Resolves with the problems found. */
async function pingServer(
  { endpoint, protocol }: Target,
  out: Output,
  signal: AbortSignal,
): Promise<string[]> {
  if (signal.aborted) return stoppedBy(signal);
  const fleet = new Fleet(endpoint, protocol, new Timeline(out), { ...options, signal });
  return watch(out, fleet, 1, signal, () => pauseOrThrow(visitTime, signal));
}

/** Disconnects the fleet after the visit, and prints its table. Resolves with the problems found. */
async function watch(
  out: Output,
  fleet: Fleet,
  lives: number,
  signal: AbortSignal,
  visit: () => Promise<void>,
): Promise<string[]> {
  try {
    await fleet.ready();
    await visit();
    await fleet.finish();
  } catch (error) {
    return signal.aborted ? stoppedBy(signal) : [String(error)];
  } finally {
    await disconnectAll();
    out.line(`\n${fleet.table()}\n`);
  }
  return fleet.problems(lives);
}

async function killAndRestart(
  server: ServerProcess,
  fleet: Fleet,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<void> {
  for (let kill = 1; kill <= kills; kill++) {
    await pauseOrThrow(lifeTime, signal);
    // One more for each, so that some are in flight.
    fleet.ping();
    timeline.add('server', 'kill -9', `${kill} of ${kills}`);
    await server.kill();
    await pauseOrThrow(outage, signal);
    await server.restart();
    timeline.add('server', 'restarted', `port ${server.port}`);
    await fleet.ready();
  }
  await pauseOrThrow(lifeTime, signal);
}

function stoppedBy(signal: AbortSignal): string[] {
  return [String(signal.reason)];
}

async function pauseOrThrow(duration: number, signal: AbortSignal): Promise<void> {
  await pause(duration, signal, true);
  signal.throwIfAborted();
}

async function run(given: Arguments, terminal: Terminal): Promise<number> {
  const target = readTarget(given);
  const { url = '', close } = await startMonitor();
  try {
    terminal.out.line(`page: ${url}\n`);
    if (!given.has('open')) return await ping(target, terminal);
    openPage(url, () => terminal.err.line('connman: demo: no browser was found; open the address yourself'));
    const code = await ping(target, terminal);
    terminal.out.line('The page stays; Ctrl-C ends it.');
    await terminal.stopped();
    return code;
  } finally {
    await close();
  }
}

/** Resolves with the exit code. */
async function ping(target: Target | 'own', { out, err, stop }: Terminal): Promise<number> {
  const limit = new AbortController();
  const timer = startTimer(timeLimit, true, () => limit.abort(`not finished after ${timeLimit} ms`));
  const onStop = (): void => limit.abort(`stopped by ${String(stop.reason)}`);
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  const { signal } = limit;
  const problems = await (target === 'own' ? pingOwnServer(out, signal) : pingServer(target, out, signal));
  stopTimer(timer);
  const isWanted = stop.aborted && typeof stop.reason !== 'string';
  if (!isWanted) for (const problem of problems) err.line(`connman: demo: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

/** `connman demo`. */
export const demoCommand: Command = {
  name: 'demo',
  summary: 'five connections that survive the death of their server, three times',
  operands: '[host:port | path]',
  options: {
    open: { text: 'open the page in a browser, and keep it until Ctrl-C' },
    protocol: { takes: 'echo|memcached', text: 'what your own server speaks (echo)' },
  },
  about: `A single connection and a pool of four keep pinging a server, which is killed and restarted three times, and show what
happens. A page shows the same (connman/monitor): its address is printed first. With an endpoint they ping your own
server instead, and kill nothing. It takes about 5 s.`,
  examples: ['connman demo', 'connman demo --protocol memcached 127.0.0.1:11211'],
  run,
};
