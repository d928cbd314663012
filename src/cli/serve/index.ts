import { readFileSync } from 'node:fs';
import { startFaultServer, type FaultServer, type ServerConnection } from '../../testing/index.js';
import { formatTimeOfDay, timeOfDay } from '../../primitives/time.js';
import type { Arguments } from '../shell/arguments.js';
import { causeText } from '../shell/cause.js';
import type { Command } from '../shell/command.js';
import type { Terminal } from '../shell/terminal.js';
import { UsageError } from '../shell/usage-error.js';
import { faultOptions, readScript } from './faults.js';

async function run(given: Arguments, terminal: Terminal): Promise<number> {
  given.refuseOperands();
  const { port, path, host } = readAddress(given);
  const script = readScript(given);
  const tls = readTls(given);
  const server = await startFaultServer({
    ...(path === undefined ? { host, port } : { path }),
    ...(tls && { tls }),
    script,
    keepBytes: 0,
  });
  try {
    const address = path ?? `${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`;
    if (given.has('refuse')) await server.refuse();
    terminal.out.line(given.has('refuse') ? `refusing dials to ${address}` : `listening on ${address}`);
    void tellAll(server, terminal);
    await terminal.stopped();
    return 0;
  } finally {
    await server.close();
  }
}

function readAddress(given: Arguments): { host: string; port: number; path: string | undefined } {
  const [host, path] = [given.text('host'), given.text('path')];
  const port = given.integer('port', 0, 65_535);
  if (path !== undefined && (host !== undefined || port !== undefined)) {
    throw new UsageError('expected either --host and --port or --path');
  }
  return { host: host ?? '127.0.0.1', port: port ?? 0, path };
}

function readTls(given: Arguments): { key: Buffer; cert: Buffer } | undefined {
  const [key, cert] = [given.text('key'), given.text('cert')];
  if (key === undefined && cert === undefined) return undefined;
  if (key === undefined || cert === undefined)
    throw new UsageError('expected both --key and --cert, or neither');
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

/** Tells of each connection, until the server closes. */
async function tellAll(server: FaultServer, terminal: Terminal): Promise<void> {
  try {
    for (let number = 1; ; number++) {
      const connection = await server.accept(number);
      const failed = connection.handshake === 'failed' ? `, but ${causeText(connection.error)}` : '';
      tell(terminal, `${number} accepted${failed}`);
      void connection.closed.then(() => tellEnd(connection, terminal));
    }
  } catch {
    // It has closed.
  }
}

function tellEnd({ number, received, sent, error }: ServerConnection, terminal: Terminal): void {
  if (terminal.stop.aborted) return;
  const cause = error ? `, ${causeText(error)}` : '';
  tell(terminal, `${number} closed, ${received} bytes read, ${sent} sent${cause}`);
}

function tell({ out }: Terminal, text: string): void {
  out.line(`${formatTimeOfDay(timeOfDay()).slice(11)}  ${text}`);
}

/** `connman serve`. */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'start a server that misbehaves, to test what connects to it',
  operands: '',
  options: {
    port: { takes: 'n', text: 'the port to listen on (0, which takes a free one)' },
    host: { takes: 'address', text: 'the address to listen on (127.0.0.1)' },
    path: { takes: 'path', text: 'a Unix socket to listen on instead' },
    key: { takes: 'file', text: 'speak TLS with this key (PEM)' },
    cert: { takes: 'file', text: 'and this certificate (PEM)' },
    refuse: { text: 'keep the port, and refuse every dial' },
    ...faultOptions,
    first: { takes: 'n', text: 'misbehave for the first n connections only' },
  },
  about: `The fault server of connman/testing. Without faults it sends back what it reads. Faults act together; of several ends, the one
at the lowest byte counts. The first line says where it listens; then comes a line for each connection and its end.`,
  examples: [
    'connman serve --port 7000',
    'connman serve --port 7000 --greet "220 ready" --reset-at 1024',
    'connman serve --port 7000 --silent --first 3',
    'connman serve --path ./app.sock --end-at 100',
  ],
  run,
};
