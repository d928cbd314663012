import { BareConnection } from '../bare.js';
import { host, type Witness } from '../lenders/lender.js';
import type { OpenKeeper } from './keeper.js';
import { Reporter } from './reporter.js';

/** The control: the retry that programs write by hand, once for each connection. */
export const keepBare: OpenKeeper = (port, count, witness) => {
  const connections = openAll(port, count, witness);
  return {
    close(): void {
      for (const connection of connections) connection.stop();
    },
  };
};

/** The same, but it ends its sockets and waits until they are closed. */
export const keepBareToTheEnd: OpenKeeper = (port, count, witness) => {
  const connections = openAll(port, count, witness);
  return { close: () => Promise.all(connections.map((connection) => connection.close())) };
};

function openAll(port: number, count: number, witness: Witness): readonly BareConnection[] {
  return Array.from({ length: count }, () => new BareConnection(port, host, new Reporter(witness)));
}
