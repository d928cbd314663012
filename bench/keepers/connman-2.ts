import { host } from '../lenders/lender.js';
import { requirePeer } from '../lenders/peers.js';
import type { OpenKeeper } from './keeper.js';

interface Connman2 {
  createPool(
    name: string,
    factory: () => { onConnect(): void; onReset(): void; onReconnect(): void; onData(chunk: Buffer): void },
  ): { addConnection(port: number, host: string): void };
  disconnectAll(): void;
}

let pools = 0;

/** One pool of connman 2. It tells of a reset after each dial that failed as well. */
export const keepConnman2: OpenKeeper = (port, count, witness) => {
  const { createPool, disconnectAll } = requirePeer('connman-2') as Connman2;
  const pool = createPool(`bench ${(pools += 1)}`, () => {
    let isUp = false;
    const up = (): void => {
      isUp = true;
      witness.up();
    };
    const onReset = (): void => {
      if (isUp) witness.down();
      isUp = false;
    };
    return { onConnect: up, onReset, onReconnect: up, onData: () => {} };
  });
  for (let index = 0; index < count; index += 1) pool.addConnection(port, host);
  return { close: () => disconnectAll() };
};
