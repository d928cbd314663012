import { once } from 'node:events';
import { connect } from 'connman';
import { soon } from '../expectations.ts';

/**
 * A connection that makes a new client in each life. `make` gets the socket, attaches before it returns, and what it resolves
 * with is ready for requests. `ask` gets the client of the present life.
 */
export function eachLife(place, options, make, ask, together) {
  let client;
  const handler = {
    async onConnect(socket, connection) {
      client = undefined;
      client = await make(socket, connection);
    },
    onReset() {
      client = undefined;
    },
  };
  const askClient = (value, connection) => {
    if (!client) throw new Error('not connected');
    return ask(client, value, connection);
  };
  return over(place, options, handler, askClient, together);
}

/** A connection with that handler. */
export function over({ port, host }, options, handler, ask, together) {
  const connection = connect(port, host, handler, { ...soon, listeners: 'life', ...options });
  return {
    connection,
    ready: () => connection.ready(),
    ask: (value) => ask(value, connection),
    together,
  };
}

/** The same promise, but rejected when the present life ends: for clients that leave requests without an outcome. */
export function inLife({ signal }, promise) {
  signal.throwIfAborted();
  return Promise.race([promise, once(signal, 'abort').then(() => Promise.reject(signal.reason))]);
}

/** The answer that a callback in the style of Node.js gets. */
export function called(act) {
  return new Promise((resolve, reject) => {
    act((error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

/** Answers line by line what `answer` makes of a line; `greeting` comes first. */
export function lineServer(greeting, answer) {
  return (server) =>
    server.on('connection', (socket) => {
      let rest = '';
      if (greeting) socket.write(greeting);
      const state = {};
      socket.setEncoding('utf8').on('data', (chunk) => {
        const lines = (rest + chunk).split('\r\n');
        rest = lines.pop();
        for (const line of lines) {
          const text = answer(line, state);
          if (text) socket.write(text);
        }
      });
    });
}
