import type { Socket } from 'node:net';
import type { Lender } from './lender.js';
import { dial, requirePeer } from './peers.js';

interface GenericPool {
  createPool(
    factory: { create(): Promise<Socket>; destroy(socket: Socket): Promise<void> },
    options: { min: number; max: number },
  ): { acquire(): Promise<Socket>; release(socket: Socket): Promise<void> };
}

/** generic-pool, with its defaults: it validates nothing. */
export function openGenericPool(port: number, size: number): Lender<Socket> {
  const { createPool } = requirePeer('generic-pool') as GenericPool;
  const destroy = async (socket: Socket): Promise<void> => void socket.destroy();
  const pool = createPool({ create: () => dial(port), destroy }, { min: size, max: size });
  // What its release returns tells of misuse only: the socket is free at once.
  return { acquire: () => pool.acquire(), release: (socket) => void pool.release(socket) };
}
