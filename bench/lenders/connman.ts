import { createPool, type Lease } from 'connman';
import { host, type Lender } from './lender.js';
import { lost } from './peers.js';

const idle = { onConnect(): void {}, onReset: lost, onReconnect: lost };

/** connman's own pool. */
export function openConnman(port: number, size: number): Lender<Lease> {
  const pool = createPool('bench', () => idle);
  for (let index = 0; index < size; index += 1) pool.addConnection(port, host);
  return {
    acquire: () => pool.acquire(),
    release: (lease) => lease.release(),
    tryAcquire: () => pool.tryAcquire(),
  };
}
