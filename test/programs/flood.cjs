// A program that offers far too much to a server that is stopped, and heeds no back-pressure. It tells how its memory
// grew; what it has thrown away itself is collected at once (--expose-gc), so that what grows is what is held.

const { constant, connect, disconnectAll } = require('connman');
const { startServerProcess } = require('connman/testing');
const { args, tell } = require('./tell.cjs');

const { options, tls, total, perTurn } = args;
const chunkSize = 65_536;
const chunksPerCollection = 32;

let server;
let before = 0;
let offered = 0;
/** The most memory that this process has had, in bytes above what it began with. */
let growth = 0;
let life = 1;

function memory() {
  globalThis.gc();
  return process.memoryUsage.rss();
}

function offer() {
  const end = Math.min(total, offered + perTurn);
  const { socket } = connection;
  while (offered < end) {
    // Memory of its own, all of it in use.
    socket.write(Buffer.alloc(chunkSize, 'x'));
    offered += chunkSize;
    if (offered % (chunksPerCollection * chunkSize) === 0) globalThis.gc();
    growth = Math.max(growth, process.memoryUsage.rss() - before);
  }
  if (offered < total) setImmediate(offer);
  else setImmediate(() => void finish());
}

async function finish() {
  const after = memory() - before;
  await disconnectAll({ grace: 0 });
  await server.close();
  tell('end', { offered, growth, after, life });
}

async function begin() {
  await server.stop();
  before = memory();
  offer();
}

const handler = {
  onConnect: () => void begin(),
  onReconnect: () => (life += 1),
  onReset: ({ code, error, unsentBytes }) =>
    tell('reset', { code, error: error?.code, unsentBytes, offered, growth }),
};

let connection;

async function main() {
  server = await startServerProcess({ script: 'silent', tls });
  connection = connect(server.port, server.host, handler, { ...options, backoff: constant(50) });
}

void main();
