import rpc from 'vscode-jsonrpc/node';
import { eachLife, inLife } from './over.mjs';

function speak(socket) {
  const peer = rpc.createMessageConnection(
    new rpc.StreamMessageReader(socket),
    new rpc.StreamMessageWriter(socket),
  );
  peer.onError(() => {});
  return peer;
}

function serve(server) {
  server.on('connection', (socket) => {
    const peer = speak(socket);
    peer.onRequest('echo', (value) => value);
    peer.listen();
  });
}

function make(socket) {
  const peer = speak(socket);
  peer.listen();
  return peer;
}

export const trial = {
  client: 'vscode-jsonrpc',
  grade: 'C',
  hook: '`createMessageConnection()` with a reader and a writer of the socket; reject requests with `connection.signal`',
  serve,
  over: (place, options) =>
    eachLife(place, options, make, (peer, value, connection) =>
      inLife(connection, peer.sendRequest('echo', value)),
    ),
};
