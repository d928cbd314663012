// A program that loses one connection again and again, in some ways in turn: the server ends it, the server resets it,
// its own handshake fails, the dial is refused (over TCP only). It tells what it holds after a warm-up and at the end.

const { readdirSync } = require('node:fs');
const { constant, connect, disconnectAll } = require('connman');
const { args, tell } = require('./tell.cjs');

const { port, host, nowhere, path, ca, warmUp, drops } = args;
const ways = ['remote end', 'remote reset', 'handshake', ...(nowhere ? ['refused'] : [])];
const readingsEach = 15;

let dials = 0;
let lost = 0;
let way = '';
const counts = Object.fromEntries(ways.map((name) => [name, 0]));
const sockets = new Set();
const resets = { 'remote-end': 0, error: 0, handshake: 0 };
let readings = [];

function nextWay() {
  way = ways[dials % ways.length];
  dials += 1;
}

function lookup(_name, _options, answer) {
  if (nowhere) nextWay();
  answer(null, [{ address: way === 'refused' ? nowhere : host, family: 4 }]);
}

function greet(socket) {
  if (!nowhere) nextWay();
  if (!ca) sockets.add(socket);
  return way === 'handshake' ? Promise.reject(new Error('wrong password')) : undefined;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** What the program holds while the connection is down; the heap varies, so it is read several times. */
function read() {
  for (let time = 0; time < 2; time += 1) globalThis.gc();
  const { socket } = connection;
  readings.push({
    heap: process.memoryUsage().heapUsed,
    files: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    listeners: socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0),
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
  });
  if (readings.length < readingsEach) return;
  const names = Object.keys(readings[0]);
  tell('holds', Object.fromEntries(names.map((name) => [name, median(readings.map((each) => each[name]))])));
  readings = [];
}

function drop() {
  lost += 1;
  counts[way] += 1;
  const isMeasured = way === ways.at(-1) && (lost >= warmUp + drops || (lost >= warmUp && !isWarm));
  if (isMeasured) read();
  if (isMeasured && readings.length === 0) {
    if (isWarm) void end();
    isWarm = true;
  }
}

async function end() {
  await disconnectAll();
  tell('end', { lost, counts, resets, sockets: sockets.size });
}

let isWarm = false;
const handler = {
  onConnect: greet,
  onReconnect: greet,
  onReset({ code }) {
    resets[code] += 1;
    drop();
  },
  onRetry: drop,
};
const options = { backoff: constant(0), stableAfter: 0 };
const connection = path
  ? connect({ path }, handler, options)
  : connect(port, ca ? 'localhost' : 'server.test', handler, { ...options, lookup, tls: ca && { ca } });
