import { BareConnection } from '../bare.js';
import { host } from '../lenders/lender.js';
import type { OpenKeeper } from './keeper.js';
import { Reporter } from './reporter.js';

/** The control: the retry that programs write by hand, once for each connection. */
export const keepBare: OpenKeeper = (port, count, witness) => {
  const connections = Array.from(
    { length: count },
    () => new BareConnection(port, host, new Reporter(witness)),
  );
  return {
    close(): void {
      for (const connection of connections) connection.stop();
    },
  };
};
