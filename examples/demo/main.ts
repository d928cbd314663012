/**
 * Shows the main job of connman: a single connection and a pool of four keep pinging a server that is killed and restarted
 * three times. `npm run demo` starts it. `npm run demo -- --port PORT` pings your own server instead, and kills nothing.
 */
import { disconnectAll } from 'connman';
import { type ServerProcess, startServerProcess } from 'connman/testing';
import { readArguments, type Target, usage } from './arguments.js';
import { Fleet } from './fleet.js';
import { pause } from './pause.js';
import { protocols } from './protocols.js';
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
async function pingOwnServer(signal: AbortSignal): Promise<string[]> {
  const timeline = new Timeline();
  await using server = await startServerProcess();
  const { host, port } = server;
  timeline.add('server', 'listening', `port ${port}`);
  const fleet = new Fleet({ host, port }, protocols.echo, timeline, { ...options, signal });
  // Awaited here, because the server ends with this function.
  return await watch(fleet, kills + 1, signal, () => killAndRestart(server, fleet, timeline, signal));
}

/** Pings a server that runs already. Resolves with the problems found. */
function pingServer({ endpoint, protocol }: Target, signal: AbortSignal): Promise<string[]> {
  const fleet = new Fleet(endpoint, protocol, new Timeline(), { ...options, signal });
  return watch(fleet, 1, signal, () => pause(visitTime, signal));
}

/** Disconnects the fleet after the visit, and prints its table. Resolves with the problems found. */
async function watch(
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
    return [String(signal.aborted ? signal.reason : error)];
  } finally {
    await disconnectAll();
    console.log(`\n${fleet.table()}\n`);
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
    await pause(lifeTime, signal);
    // One more for each, so that some are in flight.
    fleet.ping();
    timeline.add('server', 'kill -9', `${kill} of ${kills}`);
    await server.kill();
    await pause(outage, signal);
    await server.restart();
    timeline.add('server', 'restarted', `port ${server.port}`);
    await fleet.ready();
  }
  await pause(lifeTime, signal);
}

async function main(): Promise<number> {
  const target = readArguments(process.argv.slice(2));
  if (!target) {
    console.error(usage);
    return 2;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => stop.abort(`stopped by ${name}`));
  const timer = setTimeout(() => stop.abort(`not finished after ${timeLimit} ms`), timeLimit);
  const problems = await (target === 'own' ? pingOwnServer(stop.signal) : pingServer(target, stop.signal));
  clearTimeout(timer);
  for (const problem of problems) console.error(`demo failed: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

void main().then((code) => (process.exitCode = code));
