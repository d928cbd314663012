// Writes too early, with and without a callback, over two connections; then between two lives. It ends when it is told so.

const { constant, connect } = require('connman');
const { args, tell } = require('./tell.cjs');

const { port, host, canary, callback } = args;

process.on('warning', ({ name, code, message, stack }) => tell('warning', { name, code, message, stack }));

function writeEarly(socket) {
  for (let count = 0; count < 3; count += 1) socket.write(canary);
}

const handler = {
  onConnect: () => tell('connected'),
  onReset({ willReconnect }, { socket }) {
    if (!willReconnect) return;
    writeEarly(socket);
    tell('reset');
  },
  onData: (_chunk) => void connection.disconnect(),
};

const connection = connect(port, host, handler, { backoff: constant(0) });
connection.socket.write(canary, () => tell('refused'));
if (!callback) {
  writeEarly(connection.socket);
  const other = connect(port, host, { onConnect: (_, each) => each.disconnect() });
  writeEarly(other.socket);
}
