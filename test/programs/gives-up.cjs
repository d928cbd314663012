// Lets connections give up, one after the other, in the way that it is told.

const { FatalError, connect, constant, createPool } = require('connman');
const { args, tell } = require('./tell.cjs');

const { port, host, ways } = args;

process.on('warning', ({ name, code, message }) => tell('warning', { name, code, message }));

const refused = () => {
  throw new FatalError('wrong password');
};

const all = {
  fatal: () => connect(port, host, { onConnect: refused }),
  attempts: () => connect(1, host, { onConnect() {} }, { maxAttempts: 1, backoff: constant(0) }),
  listens: () => connect(port, host, { onConnect: refused, onClose() {} }),
  waits: () =>
    connect(port, host, { onConnect: refused })
      .ready()
      .catch(() => {}),
  pooled: () => createPool('p', () => ({ onConnect: refused })).addConnection(port, host),
  disconnects: () => connect(port, host, { onConnect() {} }).disconnect(),
  aborts: () => connect(port, host, { onConnect() {} }, { signal: AbortSignal.abort() }),
};

for (const way of ways) all[way]();
