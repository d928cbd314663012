import { ConnectionManager, exponential } from '../../index.js';
import { pause } from '../../primitives/pause.js';
import type { Arguments } from '../shell/arguments.js';
import type { Command } from '../shell/command.js';
import { readEndpoint, type NamedEndpoint } from '../shell/endpoint-argument.js';
import type { Terminal } from '../shell/terminal.js';
import { UsageError } from '../shell/usage-error.js';
import { readPing } from './ping-text.js';
import { JsonReport, TextReport, type Report } from './reports.js';
import { Target } from './target.js';

/** How long a dial may take, in milliseconds. */
const connectTimeout = 3_000;
/** The shortest time that an answer has, in milliseconds. */
const shortestAnswer = 1_000;
const mostSeconds = 2_147_483;

async function run(given: Arguments, terminal: Terminal): Promise<number> {
  const endpoints = readEndpoints(given.operands);
  const every = given.integer('every', 10, 3_600_000) ?? 1_000;
  const seconds = given.number('for', 0.001, mostSeconds);
  const text = given.text('ping');
  if (text === undefined && given.has('every')) throw new UsageError('--every: expected --ping as well');
  const ping = text === undefined ? undefined : readPing(text);
  const names = endpoints.map(({ name }) => name);
  const report = given.has('json') ? new JsonReport(terminal.out) : new TextReport(terminal.out, names);
  const manager = new ConnectionManager();
  try {
    const targets = watchAll(manager, endpoints, report, { every, ping, tls: given.has('tls') });
    report.begin(names);
    await (seconds === undefined ? terminal.stopped() : pause(seconds * 1_000, terminal.stop, true));
    report.end(targets.map((target) => target.summary()));
    return targets.every(({ isUp }) => isUp) ? 0 : 1;
  } finally {
    await manager.disconnectAll({ grace: 0 });
  }
}

interface WatchOptions {
  readonly every: number;
  readonly ping: Buffer | undefined;
  readonly tls: boolean;
}

function watchAll(
  manager: ConnectionManager,
  endpoints: readonly NamedEndpoint[],
  report: Report,
  { every, ping, tls }: WatchOptions,
): Target[] {
  const timeout = Math.max(every, shortestAnswer);
  return endpoints.map(({ name, endpoint }) => {
    const target = new Target(name, ping, (event) => report.add(name, event));
    manager.connect(endpoint, target, {
      connectTimeout,
      handshakeTimeout: timeout,
      // What is back is to be seen within about a second.
      backoff: exponential({ initial: 250, max: 1_000 }),
      heartbeat: target.heartbeat(every, timeout),
      ...(tls && { tls }),
    });
    return target;
  });
}

/** Each endpoint once. */
function readEndpoints(operands: readonly string[]): NamedEndpoint[] {
  if (operands.length === 0) throw new UsageError('expected at least one endpoint, got none');
  return [...new Set(operands)].map((operand) => readEndpoint(operand));
}

/** `connman watch`. */
export const watchCommand: Command = {
  name: 'watch',
  summary: 'watch servers: when they are up, down or frozen, and why',
  operands: 'host:port | path …',
  options: {
    ping: {
      takes: 'text',
      text: 'send this line and expect an answer; with escapes (\\r\\n, \\x00) exactly these bytes',
    },
    every: { takes: 'ms', text: 'ping after this silence (1000); an answer has as long, but at least 1 s' },
    for: { takes: 's', text: 'end after that many seconds' },
    json: { text: 'print a line of JSON for each event, and one for the summary' },
    tls: { text: 'speak TLS (certificates: NODE_EXTRA_CA_CERTS=file)' },
  },
  about: `Keeps one connection to each server, and prints a line when it comes up or is lost, with the cause, in UTC. In the end there
is a summary. Without --ping a server is up when it accepts connections; with --ping, when it answers: this finds
frozen servers. Exit code: 0 if all are up at the end, or 1.`,
  examples: [
    'connman watch 127.0.0.1:6379 [::1]:11211 /run/app.sock',
    'connman watch --ping PING --every 500 --for 60 127.0.0.1:6379',
    'connman watch --json 10.0.0.4:5432 | jq \'select(.event == "down")\'',
  ],
  run,
};
