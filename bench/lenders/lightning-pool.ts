import type { Socket } from 'node:net';
import type { Lender } from './lender.js';
import { dial, requirePeer } from './peers.js';

interface LightningPool {
  createPool(
    factory: { create(): Promise<Socket>; destroy(socket: Socket): void },
    options: { min: number; max: number },
  ): { acquire(): Promise<Socket>; release(socket: Socket): void };
}

/** lightning-pool, with its defaults: it validates nothing unless it is told how. */
export function openLightningPool(port: number, size: number): Lender<Socket> {
  const { createPool } = requirePeer('lightning-pool') as LightningPool;
  const pool = createPool(
    { create: () => dial(port), destroy: (socket) => void socket.destroy() },
    { min: size, max: size },
  );
  return { acquire: () => pool.acquire(), release: (socket) => pool.release(socket) };
}
