// A program with two connections to one endpoint: a dial that hangs, and one that waits behind it. The test says which of them
// are to keep it alive.

const { connect, constant, disconnectAll } = require('connman');
const { args, tell } = require('./tell.cjs');

const { port, dialling, waiting } = args;
let lookups = 0;

// One for both, since a lookup of one's own has a gate of its own. It never answers the first time.
function lookup(_name, _options, answer) {
  lookups += 1;
  if (lookups > 1) answer(null, [{ address: '127.0.0.1', family: 4 }]);
}

function open(name, isReferenced) {
  const handler = {
    onConnect() {
      tell('connected', { name });
      void disconnectAll({ grace: 0 });
    },
    onReset() {},
    onReconnect() {},
  };
  const connection = connect(port, 'a.test', handler, {
    lookup,
    connectTimeout: 200,
    backoff: constant(10),
  });
  if (!isReferenced) connection.unref();
  return connection;
}

const connections = [open('dialling', dialling), open('waiting', waiting)];
tell('acts', { states: connections.map(({ state }) => state) });
