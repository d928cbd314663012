import type { Socket } from 'node:net';
import type { Lender } from './lender.js';
import { dial, requirePeer } from './peers.js';

interface Tarn {
  readonly Pool: new (options: {
    create(): Promise<Socket>;
    destroy(socket: Socket): void;
    min: number;
    max: number;
  }) => {
    acquire(): { readonly promise: Promise<Socket> };
    release(socket: Socket): boolean;
  };
}

/** tarn, with its defaults: it validates nothing unless it is told how. */
export function openTarn(port: number, size: number): Lender<Socket> {
  const { Pool } = requirePeer('tarn') as Tarn;
  const pool = new Pool({
    create: () => dial(port),
    destroy: (socket) => void socket.destroy(),
    min: size,
    max: size,
  });
  return { acquire: () => pool.acquire().promise, release: (socket) => void pool.release(socket) };
}
