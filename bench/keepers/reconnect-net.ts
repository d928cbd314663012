import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { host, type Witness } from '../lenders/lender.js';
import { requirePeer } from '../lenders/peers.js';
import type { OpenKeeper } from './keeper.js';

interface Reconnecting extends EventEmitter {
  connect(port: number, host: string): this;
  disconnect(): this;
}

type ReconnectNet = (onConnection: (socket: Socket) => void) => Reconnecting;

/** reconnect-net with its defaults, once for each connection; it has no pool. */
export const keepReconnectNet: OpenKeeper = (port, count, witness) => {
  const reconnect = requirePeer('reconnect-net') as ReconnectNet;
  const connections = Array.from({ length: count }, () =>
    reconnect((socket) => greet(socket, witness))
      .on('error', () => {})
      .connect(port, host),
  );
  return {
    close(): void {
      for (const connection of connections) connection.disconnect();
    },
  };
};

/** It stops listening for errors at the first one, so the program listens as well. */
function greet(socket: Socket, witness: Witness): void {
  socket
    .on('error', () => {})
    .on('data', () => {})
    .once('close', () => witness.down());
  witness.up();
}
