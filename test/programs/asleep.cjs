// A program with one connection, which the test stops together with its server for longer than any of its deadlines, as if
// their host slept. It tells what it reads, and when a life is ended. On SIGUSR2 it stops its server for good.

const { constant, connect } = require('connman');
const { startServerProcess } = require('connman/testing');
const { stalled } = require('./stalls.cjs');
const { args, tell } = require('./tell.cjs');

const { heartbeat, idleTimeout } = args;
let read = { at: 0, stalled: 0 };

function mark() {
  read = { at: performance.now(), stalled: stalled() };
  tell('read');
}

const handler = {
  onConnect: mark,
  onData: mark,
  onReconnect() {},
  onReset: ({ code }) =>
    tell('found', { code, took: performance.now() - read.at, stalled: stalled() - read.stalled }),
};

async function main() {
  const server = await startServerProcess();
  process.on('SIGUSR2', () => void server.stop());
  tell('server', { pid: server.pid });
  const ping = (socket) => void socket.write('ping');
  connect(server.port, server.host, handler, {
    backoff: constant(10),
    idleTimeout,
    heartbeat: { ...heartbeat, ping },
  });
}

void main();
