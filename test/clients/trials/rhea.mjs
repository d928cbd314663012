import rhea from 'rhea';
import { eachLife, inLife } from './over.mjs';

/** A node that sends back what it gets. */
function serve(server) {
  const container = rhea.create_container();
  container.on('sender_open', ({ sender }) => (sender.connection.out = sender));
  container.on('message', ({ connection, message }) =>
    connection.out?.send({ body: message.body, correlation_id: message.message_id }),
  );
  for (const name of ['disconnected', 'connection_error', 'error', 'protocol_error'])
    container.on(name, () => {});
  server.on('connection', (socket) => container.create_connection({}).accept(socket));
}

function make(socket, owner) {
  return new Promise((resolve, reject) => {
    const container = rhea.create_container();
    const waiting = new Map();
    container.on('message', ({ message }) => waiting.get(message.correlation_id)?.(message.body));
    container.on('sendable', ({ sender }) => resolve({ sender, waiting }));
    const end = ({ error } = {}) => {
      owner.reset(error instanceof Error ? error : new Error('disconnected'));
      reject(new Error('disconnected'));
    };
    for (const name of ['disconnected', 'connection_error', 'error', 'protocol_error'])
      container.on(name, end);
    const peer = container.connect({
      reconnect: false,
      connection_details: () => ({
        port: 0,
        host: '',
        connect: (_port, _host, _options, connected) => {
          process.nextTick(connected);
          return socket;
        },
      }),
    });
    peer.open_receiver('answers');
    peer.open_sender('questions');
  });
}

function ask({ sender, waiting }, value, connection) {
  const answer = new Promise((resolve) => waiting.set(value, resolve));
  sender.send({ body: value, message_id: value });
  return inLife(connection, answer);
}

export const trial = {
  client: 'rhea',
  grade: 'C',
  hook: '`connection_details().connect` returns the socket; `connection.reset(error)` in its error events',
  serve,
  over: (place, options) => eachLife(place, options, make, ask),
};
