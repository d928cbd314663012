import type { Socket } from 'node:net';
import type { Witness } from './lender.js';
import { dial, requirePeer } from './peers.js';
import type { OpenSocketLender, SocketLender } from './socket-lender.js';

interface Tarn {
  readonly Pool: new (options: {
    create(): Promise<Socket>;
    destroy(socket: Socket): void;
    validate?(socket: Socket): boolean;
    min: number;
    max: number;
  }) => {
    acquire(): { readonly promise: Promise<Socket> };
    release(socket: Socket): boolean;
    destroy(): Promise<unknown>;
  };
}

interface Validation {
  validate?(socket: Socket): boolean;
}

/** tarn, with its defaults: it validates nothing unless it is told how. */
export const openTarn: OpenSocketLender = (port, size, witness) => open(port, size, witness, {});

/** tarn, told how to validate: it has no other way to give up one that is closed. */
export const openValidatingTarn: OpenSocketLender = (port, size, witness) =>
  open(port, size, witness, { validate: (socket) => !socket.destroyed });

function open(port: number, size: number, witness: Witness, validation: Validation): SocketLender {
  const { Pool } = requirePeer('tarn') as Tarn;
  const pool = new Pool({
    create: () => dial(port, witness),
    destroy: (socket) => void socket.destroy(),
    ...validation,
    min: size,
    max: size,
  });
  const release = (socket: Socket): void => void pool.release(socket);
  return {
    acquire: () => pool.acquire().promise,
    release,
    discard: release,
    close: () => pool.destroy(),
  };
}
