import type { Socket } from 'node:net';
import { dial, requirePeer } from './peers.js';
import type { OpenSocketLender } from './socket-lender.js';

interface LightningPool {
  createPool(
    factory: { create(): Promise<Socket>; destroy(socket: Socket): void },
    options: { min: number; max: number; maxQueue: number; acquireMaxRetries: number },
  ): {
    acquire(): Promise<Socket>;
    release(socket: Socket): void;
    destroy(socket: Socket): void;
    close(isForced: boolean): Promise<void>;
  };
}

/** How many may wait: its default, or everybody. */
const queue = 1_000;

/** lightning-pool. It validates nothing unless it is told how, and gives up at the first failure unless it is told not to. */
export const openLightningPool: OpenSocketLender = (port, size, witness) => {
  const { createPool } = requirePeer('lightning-pool') as LightningPool;
  const pool = createPool(
    { create: () => dial(port, witness), destroy: (socket) => void socket.destroy() },
    { min: size, max: size, maxQueue: Math.max(queue, size), acquireMaxRetries: Infinity },
  );
  return {
    acquire: () => pool.acquire(),
    release: (socket) => pool.release(socket),
    discard: (socket) => pool.destroy(socket),
    close: () => pool.close(true),
  };
};
