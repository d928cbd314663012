import { connect, createPool, disconnectAll, type Handler, type PoolOptions } from 'connman';
import { host, type Witness } from '../lenders/lender.js';
import type { OpenKeeper } from './keeper.js';

let pools = 0;

/** One pool of connman, with these options. */
export function keepConnman(options: PoolOptions = {}): OpenKeeper {
  return (port, count, witness) => {
    const handler = reporting(witness);
    const pool = createPool(`bench ${(pools += 1)}`, () => handler, options);
    for (let index = 0; index < count; index += 1) pool.addConnection(port, host);
    return { close: () => disconnectAll() };
  };
}

/** Connections of connman that are in no pool. */
export const keepConnected: OpenKeeper = (port, count, witness) => {
  const handler = reporting(witness);
  const connections = Array.from({ length: count }, () => connect(port, host, handler));
  return { close: () => Promise.all(connections.map((connection) => connection.disconnect())) };
};

function reporting(witness: Witness): Handler {
  const up = (): void => witness.up();
  return { onConnect: up, onReset: () => witness.down(), onReconnect: up, onData: () => {} };
}
