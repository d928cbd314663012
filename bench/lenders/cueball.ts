import { cueballPool, type Claim } from './cueball-pool.js';
import type { Lender, Witness } from './lender.js';

/** cueball has callbacks only, so a promise is put around each. */
export function openCueball(port: number, size: number, witness: Witness): Lender<Claim> {
  const { pool } = cueballPool(port, size, witness);
  return {
    acquire: () =>
      new Promise((resolve, reject) => {
        pool.claim({}, (error, claim) => (error ? reject(error) : resolve(claim)));
      }),
    release: (claim) => claim.release(),
  };
}
