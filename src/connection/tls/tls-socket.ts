import { TLSSocket } from 'node:tls';
import { guarded, type GuardedSocketClass } from '../socket/guarded-socket.js';

/**
 * Stands for the constructor of `TLSSocket`, and answers with a socket that is there already: `tls.connect()` alone verifies
 * the peer, and takes no class of ours. So what is constructed is that socket, which is given our fields and prototype.
 */
const Adopted = function (socket: TLSSocket): TLSSocket {
  return socket;
} as unknown as new (socket: TLSSocket) => TLSSocket;
(Adopted as { prototype: TLSSocket }).prototype = TLSSocket.prototype;

/** The socket of one dial over TLS, and of the life it leads to. */
export const ManagedTlsSocket: GuardedSocketClass<TLSSocket> = guarded(Adopted, 'secureConnect');
