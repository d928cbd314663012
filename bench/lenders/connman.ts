import { createPool, type Lease } from 'connman';
import { host, type Lender, type Witness } from './lender.js';

/** connman's own pool. */
export function openConnman(port: number, size: number, witness: Witness): Lender<Lease> {
  const up = (): void => witness.up();
  const handler = { onConnect: up, onReset: () => witness.down(), onReconnect: up };
  const pool = createPool('bench', () => handler);
  for (let index = 0; index < size; index += 1) pool.addConnection(port, host);
  return {
    acquire: () => pool.acquire(),
    release: (lease) => lease.release(),
    tryAcquire: () => pool.tryAcquire(),
  };
}
