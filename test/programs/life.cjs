// A program with one connection and nothing else that keeps it alive. The test says which state it takes the connection
// to (`state`), what it does there (`action`), and tells it the ways to do so; it tells when it exits.

const { constant, connect, disconnectAll, FatalError } = require('connman');
const { args, tell } = require('./tell.cjs');

const { port, host, state, action, delay = 60_000, connectTimeout } = args;
const lookupForEver = () => {};
const doNothing = () => {};
const never = new Promise(doNothing);

const actions = {
  nothing: doNothing,
  'connection.unref()': () => connection.unref(),
  'socket.unref()': () => connection.socket.unref(),
  'unref() and ref()': () => connection.unref().ref(),
  'disconnectAll()': () => {
    const start = performance.now();
    process.on('exit', () => tell('exit', { took: performance.now() - start }));
    void disconnectAll();
  },
};

/** Called in the state that the test has asked for. */
function act() {
  tell('acts', { state: connection.state });
  actions[action]();
}

function reached(name) {
  tell(name);
  if (name !== state) return;
  // Not inside the callback: the connection is then in the state that the callback leads to.
  setImmediate(act);
}

const handler = {
  onConnect() {
    reached('connected');
    if (state === 'refused') return Promise.reject(new FatalError('wrong password'));
    return state === 'handshaking' ? (setImmediate(act), never) : undefined;
  },
  onReset: () => tell('reset'),
  onReconnect: () => reached('reconnected'),
  onRetry: ({ attempts }) => {
    if (attempts === 1) reached('waiting');
    else tell('retry');
  },
  onClose() {},
};

const isLookup = state === 'lookup';
const connection = connect(port, isLookup ? 'no-answer.test' : host, handler, {
  backoff: constant(delay),
  connectTimeout,
  ...(isLookup && { lookup: lookupForEver }),
});

if (isLookup || state === 'connecting') setImmediate(act);
if (state === 'closing') void connection.ready().then(() => (void connection.disconnect(), act()));
if (state === 'closed') void connection.ready().then(() => connection.disconnect().then(act));
