/** How a server in a child process treats every connection. */
export type ChildScript = 'echo' | 'silent';

/** What a server in a child process is told. */
export interface ChildOrder {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
  readonly script: ChildScript;
}

/**
 * The program of the child: text, because it has to run from `dist/` and from the sources alike. It writes one line,
 * `{ address, port }` or `{ code, message }`, and exits when its standard input ends, as it does when the parent dies.
 */
export const childSource = `
const { createServer } = require('node:net');
const { host, port, backlog, script } = JSON.parse(process.argv[1]);
const tell = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
const server = createServer((socket) => {
  socket.setNoDelay();
  socket.on('error', () => {});
  if (script === 'echo') socket.pipe(socket);
  else socket.resume();
});
server.on('error', ({ code, message }) => { tell({ code, message }); process.stdin.destroy(); });
server.listen({ host, port, backlog }, () => tell(server.address()));
process.stdin.on('end', () => process.exit()).on('error', () => process.exit()).resume();
`;
