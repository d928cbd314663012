// A program in a private network whose name server answers no name but `well…`. It connects to names that hang, and then to
// others, and tells how long those took.

const { once } = require('node:events');
const { createSocket } = require('node:dgram');
const { createServer } = require('node:net');
const { decode, encode } = require('dns-packet');
const { constant, connect, disconnectAll } = require('connman');
const { args, tell } = require('./tell.cjs');

const { hanging, connectTimeout } = args;

/** Answers `well….test` with this host; says nothing to other questions. */
async function startNameServer() {
  const server = createSocket('udp4');
  server.on('message', (message, { port, address }) => {
    const { id, questions } = decode(message);
    const [{ type, name }] = questions;
    if (!name.startsWith('well')) return;
    const answers = type === 'A' ? [{ type, name, ttl: 0, data: '127.0.0.1' }] : [];
    server.send(encode({ type: 'response', id, flags: 0x180, questions, answers }), port, address);
  });
  server.bind(53, '127.0.0.1');
  await once(server, 'listening');
}

/** How many look-ups the system is asked for. */
function pending() {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'GetAddrInfoReqWrap').length;
}

/** Connects to a name that answers; tells how long that took. */
async function connectTo(name, port) {
  const begin = performance.now();
  const connection = connect(
    port,
    name,
    { onConnect() {}, onReconnect() {}, onReset() {} },
    { backoff: constant(100) },
  );
  await connection.ready();
  tell('ready', { name, took: performance.now() - begin, pending: pending() });
}

async function main() {
  await startNameServer();
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const failures = [];
  for (let index = 0; index < hanging; index += 1) {
    const handler = {
      onConnect() {},
      onReconnect() {},
      onReset() {},
      onRetry({ phase, error }) {
        failures.push({ phase, message: error.message });
      },
    };
    connect(port, `hangs${index}.test`, handler, { connectTimeout, backoff: constant(10) });
  }
  await connectTo('well1.test', port);
  while (failures.length < 2 * hanging) await new Promise((resolve) => setTimeout(resolve, 5));
  await connectTo('well2.test', port);
  await Promise.all(['well3.test', 'well4.test', 'localhost'].map((name) => connectTo(name, port)));
  tell('end', { failures, pending: pending() });
  await disconnectAll({ grace: 0 });
  tell('closed');
}

void main();
