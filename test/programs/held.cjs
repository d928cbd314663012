// A program that calls unref() at once and keeps itself alive until the life that the test has asked for: from then on
// nothing but the connection could.

const { constant, connect } = require('connman');
const { args, tell } = require('./tell.cjs');

const { port, host, of, until } = args;
const hold = setInterval(() => {}, 60_000);

function began(name) {
  tell(name);
  if (name === until) setImmediate(() => clearInterval(hold));
}

const handler = {
  onConnect: () => began('connected'),
  onReset: () => tell('reset'),
  onReconnect: () => began('reconnected'),
  onRetry: () => tell('waiting'),
};
const connection = connect(port, host, handler, { backoff: constant(0) });
(of === 'socket' ? connection.socket : connection).unref();
