import { BareConnection, dialBare } from '../bare.js';
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

/** Sockets that are not dialled again: what Node.js itself takes to lose them. */
export const holdBare: OpenKeeper = (port, count, witness) => {
  const sockets = Array.from({ length: count }, () =>
    dialBare(port, host)
      .on('connect', () => witness.up())
      .on('data', () => undefined)
      .on('error', () => undefined)
      .on('close', () => witness.down()),
  );
  return {
    close(): void {
      for (const socket of sockets) socket.destroy();
    },
  };
};

function openAll(port: number, count: number, witness: Witness): readonly BareConnection[] {
  return Array.from({ length: count }, () => new BareConnection(port, host, new Reporter(witness)));
}
