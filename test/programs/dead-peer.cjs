// A program whose server falls silent again and again, by a fault that it begins and ends itself: packets are dropped, or
// the server is stopped. It tells when connman finds out, and what a later life is answered.

const { execFile } = require('node:child_process');
const { EventEmitter, once } = require('node:events');
const { promisify } = require('node:util');
const { constant, connect, disconnectAll } = require('connman');
const { startServerProcess } = require('connman/testing');
const { stalled } = require('./stalls.cjs');
const { args, tell } = require('./tell.cjs');

const { fault, during, rounds, heartbeat, connectTimeout } = args;
const run = promisify(execFile);
const rule = ['INPUT', '-i', 'lo', '-j', 'DROP'];

const faults = {
  /** Of everybody on this network: it has to be a private one. */
  'packets dropped': {
    begin: () => run('iptables', ['-A', ...rule]),
    end: () => run('iptables', ['-D', ...rule]),
  },
  'server stopped': { begin: () => server.stop(), end: () => server.cont() },
};
const { begin, end } = faults[fault];

/** What has happened in this program: `found`, `failed`, `answered`, `read`. */
const happened = new EventEmitter();
let server;
let connection;
let token = '';
let answer = '';
/** When the last byte was read, or else the life began. */
let read = mark();
let dialled = mark();

function mark() {
  return { at: performance.now(), stalled: stalled() };
}

/** How long something took, and for how much of that time the event loop stood still. */
function since(start) {
  const now = mark();
  return { took: now.at - start.at, stalled: now.stalled - start.stalled };
}

function live(socket) {
  read = mark();
  answer = '';
  token = `this is life ${connection.life};`;
  socket.write(token);
}

const handler = {
  onConnect: live,
  onReconnect: live,
  onData(chunk) {
    read = mark();
    if (answer.length < token.length) {
      answer += chunk.toString('latin1', 0, token.length - answer.length);
      if (answer.length === token.length) happened.emit('answered');
    }
    happened.emit('read');
  },
  onReset({ code, life }) {
    if (code === 'disconnect' || code === 'requested') return;
    const { bytesWritten, bytesRead } = connection.socket;
    tell('found', { ...since(read), code, life, unanswered: bytesWritten - bytesRead });
    happened.emit('found');
  },
  onRetry({ phase, error }) {
    tell('failed', { ...since(dialled), phase, cause: error.cause?.name });
    happened.emit('failed');
  },
};

/** Called at the beginning of every dial. */
function lookup(_name, _options, done) {
  dialled = mark();
  done(null, [{ address: server.host, family: 4 }]);
}

async function beginFault() {
  if (during === 'dial') {
    await begin();
    // A dial for the first life, or the next one, that begins now.
    if (connection) connection.reset();
    else open();
    return;
  }
  // Which finds the server alive: pings are answered, or what is written is.
  await once(happened, 'read');
  const found = once(happened, 'found');
  await begin();
  await found;
}

async function suffer() {
  await beginFault();
  // Nor does another dial succeed, or another life last, as long as the fault does.
  await once(happened, fault === 'packets dropped' ? 'failed' : 'found');
  const answered = once(happened, 'answered');
  await end();
  await answered;
  tell('answered', { life: connection.life, token, answer });
}

function open() {
  connection = connect(server.port, 'server.test', handler, {
    backoff: constant(10),
    connectTimeout,
    lookup,
    heartbeat: { ...heartbeat, ping: (socket) => void socket.write('ping') },
  });
}

async function main() {
  server = await startServerProcess();
  if (during !== 'dial') {
    open();
    await once(happened, 'answered');
  }
  const chunk = Buffer.alloc(1_000, 'x');
  if (during === 'writing') setInterval(() => connection.socket.write(chunk), 5).unref();
  for (let round = 0; round < rounds; round += 1) await suffer();
  await disconnectAll({ grace: 0 });
  await server.close();
  tell('end');
}

void main();
