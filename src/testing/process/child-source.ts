import type { TlsOptions } from 'node:tls';
import type { Endpoint } from '../../primitives/endpoint.js';

/** How a server in a child process treats every connection. */
export type ChildScript = 'echo' | 'silent';

/** What a server in a child process is told. */
export interface ChildSettings {
  readonly endpoint: Endpoint;
  readonly backlog: number;
  readonly script: ChildScript;
  /** Without functions: it has to be copied into the child. */
  readonly tls?: TlsOptions;
}

/**
 * The program of the child: text, because it has to run from `dist/` and from the sources alike. It reads its order from
 * the first line of its standard input (not from its arguments, which everybody can see), writes one line,
 * `{ address, port }` or `{ code, message }`, and exits when its standard input ends, as it does when the parent dies.
 */
export const childSource = `
const { createServer } = require('node:net');
const tell = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
const start = ({ endpoint, backlog, script, tls }) => {
  const welcome = (socket) => {
    socket.on('error', () => {});
    if (script === 'echo') socket.pipe(socket);
    else socket.resume();
  };
  const options = { noDelay: true };
  const server = tls
    ? require('node:tls').createServer({ ...tls, ...options }, welcome)
    : createServer(options, welcome);
  server.on('error', ({ code, message }) => { tell({ code, message }); process.stdin.destroy(); });
  server.listen({ ...endpoint, backlog }, () => tell(endpoint.path ? { address: endpoint.path } : server.address()));
};
let line = '';
process.stdin.setEncoding('latin1').on('data', (text) => {
  line += text;
  if (text.endsWith('\\n')) start(require('node:v8').deserialize(Buffer.from(line, 'base64')));
});
process.stdin.on('end', () => process.exit()).on('error', () => process.exit());
`;
