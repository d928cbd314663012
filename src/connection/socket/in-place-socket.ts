import { Socket, type SocketConnectOpts, type SocketConstructorOpts } from 'node:net';
import { freeError } from './cleanup.js';
import { guarded, type GuardedSocketClass } from './guarded-socket.js';
import type { ManagedSocket } from './managed-socket.js';
import type { Transport } from './transport.js';

/** The socket of a connection over TCP or a Unix socket: the same object in every life. */
export const InPlaceSocket: GuardedSocketClass<SocketConstructorOpts> = guarded(Socket, 'connect');

const nodeConnect = Socket.prototype.connect as (this: Socket, options: SocketConnectOpts) => Socket;

/** Connects the socket again that was made with the link. */
export const inPlace: Transport = {
  dial(_link, socket, options) {
    if (socket) connectAgain(socket, options);
  },
};

function connectAgain(socket: ManagedSocket, options: SocketConnectOpts): void {
  const hadError = socket.errored !== null;
  nodeConnect.call(socket, options);
  if (hadError && socket.errored === null) freeError(socket);
  // Node.js forgets the timer at the end of a life.
  if (!socket.destroyed && socket.timeout) socket.setTimeout(socket.timeout);
}
