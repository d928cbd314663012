import { cueballPool } from '../lenders/cueball-pool.js';
import type { OpenKeeper } from './keeper.js';

/** cueball keeps its spares open by itself. */
export const keepCueball: OpenKeeper = (port, count, witness) => {
  const { pool, resolver } = cueballPool(port, count, witness);
  return {
    close(): void {
      pool.stop();
      resolver.stop();
    },
  };
};
