import type { Socket } from 'node:net';
import { dial, requirePeer } from './peers.js';
import type { OpenSocketLender } from './socket-lender.js';

interface GenericPool {
  createPool(
    factory: { create(): Promise<Socket>; destroy(socket: Socket): Promise<void> },
    options: { min: number; max: number },
  ): {
    acquire(): Promise<Socket>;
    release(socket: Socket): Promise<void>;
    destroy(socket: Socket): Promise<void>;
    drain(): Promise<void>;
    clear(): Promise<void>;
  };
}

/** generic-pool, with its defaults: it validates nothing. */
export const openGenericPool: OpenSocketLender = (port, size, witness) => {
  const { createPool } = requirePeer('generic-pool') as GenericPool;
  const destroy = async (socket: Socket): Promise<void> => void socket.destroy();
  const pool = createPool({ create: () => dial(port, witness), destroy }, { min: size, max: size });
  return {
    acquire: () => pool.acquire(),
    // What these return tells of misuse only: they have their effect at once.
    release: (socket) => void pool.release(socket),
    discard: (socket) => void pool.destroy(socket),
    close: () => pool.drain().then(() => pool.clear()),
  };
};
