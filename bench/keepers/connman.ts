import { connect, createPool, disconnectAll, type PoolOptions } from 'connman';
import { host } from '../lenders/lender.js';
import type { OpenKeeper } from './keeper.js';
import { Reporter } from './reporter.js';

let pools = 0;

/** One pool of connman, with these options. */
export function keepConnman(options: PoolOptions<Reporter> = {}): OpenKeeper {
  return (port, count, witness) => {
    const pool = createPool(`bench ${(pools += 1)}`, () => new Reporter(witness), options);
    for (let index = 0; index < count; index += 1) pool.addConnection(port, host);
    return { close: () => disconnectAll() };
  };
}

/** Connections of connman that are in no pool. */
export const keepConnected: OpenKeeper = (port, count, witness) => {
  for (let index = 0; index < count; index += 1) connect(port, host, new Reporter(witness));
  return { close: () => disconnectAll() };
};
