import type { TlsOptions } from 'node:tls';
import type { Endpoint } from '../../primitives/endpoint.js';

/** How a server process treats every connection: `'echo'` sends back what it reads, `'silent'` only reads. */
export type ChildScript = 'echo' | 'silent';

/** The settings that the child process receives at its start. */
export interface ChildSettings {
  readonly endpoint: Endpoint;
  readonly backlog: number;
  readonly script: ChildScript;
  /** Without functions, because the options are serialized. */
  readonly tls?: TlsOptions;
}

/**
 * The source of the child process: text, so that it runs from `dist/` and from the sources alike. The child reads its
 * settings from the first line of its standard input, not from its arguments, which other users of the machine can read.
 * It writes one line, `{ address, port }` or `{ code, message }`, and exits when its standard input ends, which it also
 * does when the parent dies.
 */
export const childSource = `
const { createServer } = require('node:net');
const report = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
const start = ({ endpoint, backlog, script, tls }) => {
  const onConnection = (socket) => {
    socket.on('error', () => {});
    if (script === 'echo') socket.pipe(socket);
    else socket.resume();
  };
  const options = { noDelay: true };
  const server = tls
    ? require('node:tls').createServer({ ...tls, ...options }, onConnection)
    : createServer(options, onConnection);
  server.on('error', ({ code, message }) => { report({ code, message }); process.stdin.destroy(); });
  server.listen({ ...endpoint, backlog }, () => report(endpoint.path ? { address: endpoint.path } : server.address()));
};
let line = '';
process.stdin.setEncoding('latin1').on('data', (text) => {
  line += text;
  if (text.endsWith('\\n')) start(require('node:v8').deserialize(Buffer.from(line, 'base64')));
});
process.stdin.on('end', () => process.exit()).on('error', () => process.exit());
`;
