// A pool with a connection that the test takes through its states until it says a word; then a connection that gives up.
// The canary is in the handler, in what is written and in the options.

const { constant, connect, createPool } = require('connman');
const { args, tell } = require('./tell.cjs');

const { port, host, nowhere, pool: name, canary } = args;

class Handler {
  password = canary;
  onConnect(socket) {
    socket.write(canary);
    tell('connected');
  }
  onReset() {}
  onReconnect(socket) {
    socket.write(canary);
    tell('reconnected');
  }
  onData() {
    void connection.disconnect().then(giveUp);
  }
  onRetry() {
    tell('retry');
  }
  onClose() {}
}

const heartbeat = { interval: 60_000, ping: (socket) => socket.write(canary) };
const pool = createPool(name, () => new Handler(), { backoff: constant(0), heartbeat });
const connection = pool.addConnection(port, host);

function giveUp() {
  const tls = { servername: 'name.test', passphrase: canary };
  connect({ path: nowhere }, new Handler(), { maxAttempts: 1, tls });
}
