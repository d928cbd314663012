import { BareConnection } from '../bare.js';
import { host } from '../lenders/lender.js';
import type { OpenKeeper } from './keeper.js';

/** The control: the retry that programs write by hand, once for each connection. */
export const keepBare: OpenKeeper = (port, count, witness) => {
  const handler = { onConnect: () => witness.up(), onReset: () => witness.down(), onData: (): void => {} };
  const connections = Array.from({ length: count }, () => new BareConnection(port, host, handler));
  return {
    close(): void {
      for (const connection of connections) connection.stop();
    },
  };
};
