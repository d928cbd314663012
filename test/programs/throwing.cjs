// A program whose handler throws in the callback that the test names, and has no onError.

const { constant, connect } = require('connman');
const { args, tell } = require('./tell.cjs');

const { port, host, callback, survives, rejects } = args;

if (survives) {
  process.on('uncaughtException', (error) =>
    tell('uncaught', { message: error.message, state: connection.state }),
  );
}

function call(name) {
  tell(name);
  if (name !== callback) return undefined;
  const error = new Error(`thrown by ${name}`);
  if (rejects) return Promise.reject(error);
  throw error;
}

const handler = {
  onConnect: () => call('onConnect'),
  onReset: () => call('onReset'),
  onReconnect: () => call('onReconnect'),
  onData: () => call('onData'),
  onRetry: () => call('onRetry'),
  onClose: () => call('onClose'),
};
const connection = connect(port, host, handler, { backoff: constant(0) });
